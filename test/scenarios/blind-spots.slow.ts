import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { all, canRun } from '../support/catalogue.ts';
import { run } from '../support/runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Experiments that are not what their scenario says: each must be contradicted, although its effect is much the same.
const spoiled: readonly [what: string, scenario: string, from: string, to: string][] = [
  ['the server hears', 'user-timeout', "await server.deafen('everything');", ''],
  ['the client is deaf, and the host is there', 'host-gone', 'server.deafen', 'client.deafen'],
  [
    'the old segment acknowledges what was not sent',
    'refused-by-timestamps',
    'await Promise.all([server.write(acknowledges), client.read(acknowledges)]);',
    '',
  ],
  [
    'there are no timestamps',
    'refused-by-timestamps',
    'await widenWindows(lab);',
    "await widenWindows(lab); await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 0);",
  ],
  [
    'timestamps stay off in the protected half',
    'reused-server-gets-old-data',
    "await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 1);",
    '',
  ],
  ['the client closes first in both halves', 'memory', "{ closer: 'server' }", "{ closer: 'client' }"],
  ['the server closes first in both halves', 'memory', "{ closer: 'client' }", "{ closer: 'server' }"],
  [
    'no second process holds the connection',
    'close-or-shutdown',
    'const holder = await second.share();',
    'const holder = await second.share(); await second.unshare(holder);',
  ],
  ['the process that exits does not linger', 'linger-blocks', 'await leaving.linger(seconds);', ''],
  [
    'close() blocks for twice as long',
    'linger-blocks',
    'client.linger(seconds)',
    'client.linger(2 * seconds)',
  ],
  [
    'every signal is SIGKILL',
    'every-way-alike',
    'server.kill(way as NodeJS.Signals)',
    "server.kill('SIGKILL')",
  ],
  ['every way to die is exit', 'every-way-alike', 'server.die(way)', "server.die('exit 0')"],
  ['the process does not end', 'nothing-lost', "await client.die('exit 0')", "{ state: 'not ended' }"],
  [
    'the SYN is for another pair',
    'syn-in-time-wait',
    "initialSequence: lower }), {\n      supports: 'C35/newer timestamp'",
    "initialSequence: lower, localPort: localPort + 1 }), {\n      supports: 'C35/newer timestamp'",
  ],
  [
    'the client closes first',
    'linger-zero-as-a-cure',
    "{ closer: 'server', linger }",
    "{ closer: 'client', linger }",
  ],
  ['tcp_tw_reuse stays at 1', 'tw-reuse', "'net.ipv4.tcp_tw_reuse', 2)", "'net.ipv4.tcp_tw_reuse', 1)"],
];

const folder = temporaryFolder('spoiled');

test.for(spoiled)('a run is contradicted if %s (%s)', { timeout: 300_000 }, async (one, context) => {
  const [what, name, from, to] = one;
  const entry = all.find((loaded) => loaded.name === name);
  if (entry === undefined) throw new Error(`no such scenario: ${name}`);
  if (!canRun(entry)) return context.skip('this machine cannot run it');
  const { contradicted, outcome } = await run(
    { ...entry, scenario: await load(entry.file, from, to, what) },
    { patienceMs: 5000 },
  );
  expect(outcome).toEqual({ state: 'failed' });
  expect(contradicted.length).toBeGreaterThan(0);
});

/** The scenario of a file with a change in its text. */
async function load(file: string, from: string, to: string, what: string): Promise<Scenario> {
  const text = readFileSync(file, 'utf8');
  expect(text.split(from), `${file} has: ${from}`).toHaveLength(2);
  const changed = text.replace(from, () => to).replaceAll("'../../src/", `'${join(file, '../../../src')}/`);
  const path = join(folder, `${what.replaceAll(/\W+/g, '-')}.ts`);
  writeFileSync(path, changed);
  return (await import(path)).default;
}
