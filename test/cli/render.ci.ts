import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { tcpclose } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('render');
const saved = (name: string) => fileURLToPath(new URL(`../report/saved/${name}.json`, import.meta.url));

function dataOf(html: string): Record<string, unknown> {
  const page = readFileSync(html, 'utf8');
  const [, data = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/.exec(page) ?? [];
  return JSON.parse(data);
}

function documentsOf(html: string): unknown {
  return dataOf(html)['documents'];
}

test.each([
  ['run', '# server-first: '],
  ['suite', '# tcpclose test\n'],
  ['claims', '# tcpclose claims\n'],
  ['matrix', '# Which bind succeeds'],
  ['restart', '# python3 server.py 8080\n'],
  ['idle', '# tcpclose idle: '],
  ['audit', '# tcpclose audit: port 8081 of this machine\n'],
])('a saved document of %s is a page, JUnit and Markdown again', async (name, begin) => {
  const [html, junit] = [join(folder, `${name}.html`), join(folder, `${name}.xml`)];
  const { stdout, stderr, status } = await tcpclose([
    ...['render', saved(name), '--reporter', 'text'],
    ...['--reporter', `html:${html}`, '--reporter', `junit:${junit}`],
  ]);
  expect([stderr, status]).toEqual(['', 0]);
  expect(stdout.startsWith(begin)).toBe(true);
  expect(documentsOf(html)).toEqual([JSON.parse(readFileSync(saved(name), 'utf8'))]);
  expect(new XMLParser().parse(readFileSync(junit, 'utf8'))).toHaveProperty('testsuites.testsuite');
});

test('a saved document of why is Markdown and JUnit again', async () => {
  const junit = join(folder, 'why.xml');
  const reporters = ['--reporter', 'text', '--reporter', `junit:${junit}`];
  const { stdout, stderr, status } = await tcpclose(['render', saved('why'), ...reporters]);
  expect([stderr, status]).toEqual(['', 0]);
  expect(stdout).toMatch(/^# Port \d+: /);
  expect(new XMLParser().parse(readFileSync(junit, 'utf8'))).toHaveProperty('testsuites.testsuite');
});

test('a document that another hand has written acts on no terminal and no log', async () => {
  const file = join(folder, 'foreign.json');
  const marks = '\u001b]0;x\u0007\u202e\n::error::no';
  const document = JSON.parse(readFileSync(saved('why'), 'utf8'));
  writeFileSync(file, JSON.stringify({ ...document, meaning: marks, advice: [marks] }));
  for (const reporter of ['text', 'github', 'tap', 'junit', 'json']) {
    const { stdout, stderr, status } = await tcpclose(['render', file, '--reporter', reporter]);
    expect([stderr, status]).toEqual(['', 0]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come out.
    expect(stdout).not.toMatch(/[\u001b\u0007\u202e]|\\u(?:001b|202e)|^::error::no/m);
  }
});

test('a document that was saved with a byte order mark is read, by every command that reads one', async () => {
  const marked = (name: string) => {
    const file = join(folder, `marked-${name}.json`);
    writeFileSync(file, `\ufeff${readFileSync(saved(name), 'utf8')}`);
    return file;
  };
  for (const args of [
    ['render', marked('why')],
    ['merge', marked('audit')],
    ['matrix', '--diff', marked('matrix')],
  ]) {
    const { stderr, status } = await tcpclose(args);
    expect([args[0], stderr, status]).toEqual([args[0], '', 0]);
  }
});

test('a saved table of binds is a picture', async () => {
  const svg = join(folder, 'matrix.svg');
  const { stderr, status } = await tcpclose(['render', saved('matrix'), '--reporter', `svg:${svg}`]);
  expect([stderr, status]).toEqual(['', 0]);
  expect(new XMLParser().parse(readFileSync(svg, 'utf8'))).toHaveProperty('svg.title');
});

test('the lines that watch prints make a page, even if the last one is incomplete', async () => {
  const lines = readFileSync(saved('watch').replace('.json', '.ndjson'), 'utf8').trim().split('\n');
  const [whole, broken] = [join(folder, 'whole.ndjson'), join(folder, 'broken.ndjson')];
  writeFileSync(whole, lines.join('\n'));
  writeFileSync(broken, `${lines.slice(0, -1).join('\n')}\n{"type":"fin`);
  const shown = async (file: string) => {
    const html = join(folder, 'watch.html');
    const { stderr, status } = await tcpclose(['render', file, '--reporter', `html:${html}`]);
    expect([stderr, status]).toEqual(['', 0]);
    return documentsOf(html);
  };
  expect(await shown(whole)).toEqual([lines.map((line) => JSON.parse(line))]);
  expect(await shown(broken)).toEqual([lines.slice(0, -1).map((line) => JSON.parse(line))]);
});

test.each(['run', 'suite', 'claims', 'restart'])(
  'a document of %s of an earlier version is shown, and it says what is missing',
  async (name) => {
    const html = join(folder, 'older.html');
    const file = saved(`older/${name}`);
    const { stderr, status } = await tcpclose(['render', file, '--reporter', `html:${html}`]);
    expect(status).toBe(0);
    const said = stderr.trimEnd().split('\n');
    for (const line of said) expect(line).toMatch(/^tcpclose: ".*": An earlier version saved it, /);
    for (const remark of dataOf(html)['remarks'] as string[]) expect(stderr).toContain(remark);
    expect(documentsOf(html)).toMatchObject([JSON.parse(readFileSync(file, 'utf8'))]);
  },
);

const newer = join(folder, 'newer.json');
writeFileSync(newer, JSON.stringify({ ...JSON.parse(readFileSync(saved('run'), 'utf8')), schemaVersion: 2 }));
const notJson = join(folder, 'not.json');
writeFileSync(notJson, 'x');
const cut = join(folder, 'cut.json');
writeFileSync(cut, JSON.stringify({ ...JSON.parse(readFileSync(saved('run'), 'utf8')), checks: 1 }));

test.each([
  [['/nonexistent'], /cannot be read \(ENOENT/],
  [[notJson], /is not a document of demo, test, .* save one with "tcpclose <command> --json/],
  [[cut], /read as one of demo, checks: /],
  [[newer], /has schemaVersion 2, and this version of tcpclose reads 1: render it with the version that/],
  [[saved('run'), saved('suite'), '--reporter', 'html'], /is of demo and .* of test: render each separately/],
  [[saved('run'), saved('run'), '--reporter', 'html'], /not shown side by side: render each separately/],
  [[saved('matrix'), saved('matrix')], /side by side on a page only: use --reporter html/],
  [
    [saved('suite'), '--reporter', 'svg'],
    /"svg" does not show what test prints: choose one of live, text, json/,
  ],
  [[saved('run'), '--open'], /--open shows a page in a file: add --reporter html:<file>/],
])('%j is refused with what is wrong and what to do', async (args, words) => {
  const { stdout, stderr, status } = await tcpclose(['render', ...args]);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stderr).toMatch(words);
  expect([stdout, status]).toEqual(['', 2]);
});

test('--open passes the page to xdg-open, and reports if that is missing or fails', async () => {
  const page = join(folder, 'opened.html');
  const args = ['render', saved('claims'), '--reporter', `html:${page}`, '--open'];
  const withOpener = async (script: string) => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    if (script !== '') {
      writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, 'xdg-open'), 0o755);
    }
    return tcpclose(args, {
      env: { PATH: script === '' ? bin : `${bin}:/bin:${dirname(process.execPath)}` },
    });
  };
  const opened = join(folder, 'opened');
  expect(await withOpener(`echo "$1" > ${opened}`)).toMatchObject({ stderr: '', status: 0 });
  expect(readFileSync(opened, 'utf8')).toBe(`file://${page}\n`);
  expect(await withOpener('sleep 0.3; echo a; echo b; exit 0')).toMatchObject({ stderr: '', status: 0 });
  const killed = await withOpener('kill -9 $$');
  expect(killed.stderr).toContain('xdg-open failed (by SIGKILL): open ');
  const failed = await withOpener('exit 3');
  expect(failed.stderr).toBe(`tcpclose: xdg-open failed (exit 3): open ${page} in a browser yourself\n`);
  expect(failed.status).toBe(0);
  const none = await withOpener('');
  expect(none.stderr).toMatch(/^tcpclose: xdg-open, .* could not be started: open .* yourself\n$/);
  expect(none.status).toBe(0);
});
