import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type EvidenceDocument, evidenceDocument } from '../../src/report/documents/evidence.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { newFolder, noVerifier, verify } from '../support/evidence.ts';
import { type Finished, tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';

const cannot = noVerifier ?? (await whyUnmet('packets'));
const claims = ['C13', 'C22', 'C25', 'C26', 'C43', 'C45', 'C54'];

describe('the evidence of a claim', unless(cannot), () => {
  const parent = mkdtempSync(join(tmpdir(), 'evidence-'));
  const folder = join(parent, 'all');
  let written: Finished;

  beforeAll(async () => {
    written = await tcpclose(['claims', ...claims, '--evidence', folder]);
  });
  afterAll(() => rmSync(parent, { recursive: true }));

  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const documentOf = (id: string): EvidenceDocument => JSON.parse(read(`${id}/evidence.json`));

  test('has a folder for each claim, beside the report', () => {
    expect(written.status).toBe(0);
    expect(written.stdout).toContain('7 claims: ');
    expect(readdirSync(folder).sort()).toEqual(claims);
  });

  test.each(claims)('%s leads to the same finding from the raw files alone', async (id) => {
    const { stdout, stderr, status } = await verify(join(folder, id));
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toContain(`found: ${id} ${documentOf(id).claim.finding}\n`);
  });

  test('C13 is found in the packets: the FINs, and the answer to each', async () => {
    const { stdout } = await verify(join(folder, 'C13'));
    expect(stdout).toMatch(
      /same: lost-last-ack: FINs of the server, captured: (\d+) \(packets\/.*\)\n.* number: \1 \(packets\/.*\)\n/,
    );
  });

  test.each(claims)('%s keeps to its schema, and names files that are there', (id) => {
    const document = documentOf(id);
    expect(v.safeParse(evidenceDocument, document).issues).toBeUndefined();
    const files =
      JSON.stringify(document).match(/"(?:ss|runs|counters|packets|answers|trace)\/[^"]+"/g) ?? [];
    expect(
      files.map((file) => JSON.parse(file)).filter((file) => !existsSync(join(folder, id, file))),
    ).toEqual([]);
    expect(files.length).toBeGreaterThan(2);
  });

  test('reports what was done, what was seen, and what the opposite would have shown', () => {
    const readme = read('C13/README.md');
    expect(readme).toContain('# C13: The last ACK lost');
    expect(readme).toMatch(/### What was done\n\n1\. .*\n {3}- client end\n {3}- server deafen to bare ACKs/);
    expect(readme).toMatch(/### What was seen\n[^#]*\| ss\/lost-last-ack-\d+-1\.txt \| deafen \|/);
    expect(readme).toContain("`tcpclose demo lost-last-ack --without 'deafen'`");
  });

  /** Changes the first file in a folder of a claim, in a copy. */
  function spoiled(id: string, files: RegExp, change: (bytes: string) => string): string {
    const copy = join(newFolder(), id);
    cpSync(join(folder, id), copy, { recursive: true });
    const file = readdirSync(copy, { recursive: true, encoding: 'utf8' })
      .sort()
      .find((file) => files.test(file));
    const before = readFileSync(join(copy, file ?? 'none'), 'latin1');
    expect(change(before)).not.toBe(before);
    writeFileSync(join(copy, file ?? 'none'), change(before), 'latin1');
    return copy;
  }

  test('names the source from which each check can be judged again', async () => {
    const outputs = await Promise.all(claims.map(async (id) => (await verify(join(folder, id))).stdout));
    const sources = outputs
      .flatMap((output) => output.match(/^ {2}same: .*$/gm) ?? [])
      .map((line) => /\((\w+)[^()]*\)$/.exec(line)?.[1]);
    expect(new Set(sources)).toEqual(new Set(['ss', 'packets', 'counters', 'answers', 'trace']));
  });

  test.each<[string, string, RegExp, (text: string) => string]>([
    ['a state of ss', 'C13', /^ss\//, (text) => text.replace('LAST-ACK', 'CLOSE-WAIT')],
    ['a number of retransmissions', 'C13', /^ss\//, (text) => text.replace(/(timer:\(on,[^,]*),\d+/, '$1,0')],
    ['ports', 'C13', /^ss\//, (text) => text.replaceAll(/:\d+ +127/g, ':1 127')],
    ['counters', 'C43', /TimeWaitOverflow-1-after/, (text) => text.replaceAll(/ \d+/g, ' 9')],
    [
      'an errno',
      'C54',
      /^answers\/host-gone/,
      (text) => text.replaceAll('"errno":"ETIMEDOUT"', '"errno":"EPIPE"'),
    ],
    [
      'what a process read',
      'C45',
      /^answers\//,
      (text) => text.replaceAll('"text":"hello"', '"text":"hullo"'),
    ],
    ['missing answers', 'C54', /^answers\/host-gone/, (text) => text.slice(0, text.indexOf('"send"'))],
    ['times of packets', 'C54', /^packets\/host-gone/, evenlySpaced],
    ['what a FIN acknowledges', 'C26', /^packets\/fins-in-turn/, addedAtFin],
    [
      'states of the tracepoint',
      'C25',
      /^trace\//,
      (text) => text.replaceAll('TCP_FIN_WAIT2', 'TCP_CLOSING'),
    ],
    // The first FIN: its flags lie 13 bytes into the TCP header.
    ['a flag of a packet', 'C22', /^packets\//, (bytes) => bytes.replace('\x80\x11', '\x80\x10')],
    ['a missing packet', 'C22', /^packets\//, (bytes) => bytes.slice(0, -(16 + 52))],
    ['a number of a packet', 'C22', /^packets\//, addedAtFin],
    ['the finding', 'C45', /^evidence/, (text) => text.replace('"finding": "refuted"', '"finding": "holds"')],
  ])('is not accepted with %s spoiled', async (_, id, files, change) => {
    const { stdout, stderr, status } = await verify(spoiled(id, files, change));
    expect(stderr, stdout).toMatch(/^verify\.sh: /);
    expect(status).toBe(1);
  });

  test.each<[string, string, RegExp, (text: string) => string]>([
    ['ss', 'C13', /^ss\//, (text) => text.replace('LAST-ACK', 'CLOSE-WAIT')],
    ['packets', 'C26', /^packets\/fins-in-turn/, addedAtFin],
    ['counters', 'C43', /TimeWaitOverflow-1-after/, (text) => text.replaceAll(/ \d+/g, ' 0')],
    ['answers', 'C45', /^answers\//, (text) => text.replaceAll('"text":"hello"', '"text":"hullo"')],
    ['trace', 'C25', /^trace\//, (text) => text.replaceAll('TCP_FIN_WAIT2', 'TCP_CLOSING')],
  ])('leads to another finding if its file of %s says something else', async (_, id, files, change) => {
    const { stdout } = await verify(spoiled(id, files, change));
    expect(stdout).toMatch(new RegExp(`^found: ${id}(/.*)? not decided$`, 'm'));
  });
});

/** Its packets come a second apart, from the first on. */
function evenlySpaced(bytes: string): string {
  const file = Buffer.from(bytes, 'latin1');
  for (let at = 24, seconds = file.readUInt32LE(at); at < file.length; at += 16 + file.readUInt32LE(at + 8))
    file.writeUInt32LE(seconds++, at);
  return file.toString('latin1');
}

/** The sequence number of the first FIN, plus one. */
function addedAtFin(bytes: string): string {
  const flags = bytes.indexOf('\x80\x11');
  const last = bytes.charCodeAt(flags - 5);
  return `${bytes.slice(0, flags - 5)}${String.fromCharCode((last + 1) % 256)}${bytes.slice(flags - 4)}`;
}

describe('a folder of evidence', () => {
  test('that has one of the claims is left as it is, and nothing runs', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'C45'), { recursive: true });
    const { stdout, stderr, status } = await tcpclose(['claims', 'C45', '--evidence', folder]);
    expect(stderr).toBe(`tcpclose: "${folder}/C45" already exists: remove it, or name another folder\n`);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(readdirSync(join(folder, 'C45'))).toEqual([]);
  });

  test('that cannot be made is refused in one line', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'evidence-'));
    onTestFinished(() => rmSync(parent, { recursive: true }));
    writeFileSync(join(parent, 'file'), '');
    const { stderr, status } = await tcpclose(['claims', 'C45', '--evidence', join(parent, 'file', 'x')]);
    expect(stderr).toMatch(/^tcpclose: ".*\/file\/x" cannot be written \(.*\): name another folder\n$/);
    expect(status).toBe(2);
  });

  // mkdirSync() of Node with `recursive` never returns there.
  test('is refused at once in /proc, because no folder can be created there', async () => {
    const { stderr, status } = await tcpclose(['claims', 'C45', '--evidence', '/proc/tcpclose/x']);
    expect(stderr).toMatch(
      /^tcpclose: "\/proc\/tcpclose\/x" cannot be written \(.*\): name another folder\n$/,
    );
    expect(status).toBe(2);
  });

  test('is not written if it could not be read again', async () => {
    const folder = newFolder();
    const { stderr, status } = await tcpclose(['claims', 'C45', '--evidence', folder, '--observer', 'proc']);
    expect(stderr).toMatch(
      /^tcpclose: verify\.sh reads what ss prints, not proc: leave out --observer proc\n$/,
    );
    expect(status).toBe(2);
    expect(existsSync(folder)).toBe(false);
  });

  test('is not mistaken for a claim, and a claim not for a folder', async () => {
    const { stdout, status } = await tcpclose(['claims', '--evidence', 'c45']);
    expect(stdout).toMatch(/1 claim: 1 refuted\n$/);
    expect(status).toBe(0);
  });
});
