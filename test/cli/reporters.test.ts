import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { kindNames, kindOf } from '../../src/report/kinds/kinds.ts';
import { type ReporterName, reporterNames } from '../../src/report/reporters.ts';
import { junitErrors } from '../support/junit.ts';
import { tcpclose } from '../support/program.ts';
import { written } from '../support/reports.ts';
import { schemaErrors } from '../support/schema.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('reporters');

const saved = (name: string) => new URL(`../report/saved/${name}.json`, import.meta.url).pathname;
const merged = join(folder, 'saved-claims');
writeFileSync(merged, readFileSync(saved('claims')));
const mute = `process.on('SIGTERM', () => {}); require('net').createServer().listen(${somePort()})`;
const serving = `require('http').createServer((_, answer) => answer.end()).listen(${somePort()}, '127.0.0.1').keepAliveTimeout = 1`;

const forCi: readonly ReporterName[] = ['junit', 'tap', 'github'];
const forAll: readonly ReporterName[] = ['text', 'json', 'ndjson', 'markdown'];

/** Every command with results: how it is called, its exit status, and what has to be in each of its reports. */
const withResults: readonly { args: string[]; rest?: string[]; status: number; says: string }[] = [
  { args: ['demo', 'shut-rd'], status: 0, says: 'shut-rd' },
  { args: ['tour', '1'], status: 0, says: 'four-segments' },
  { args: ['test', 'shut-rd', 'shut-wr'], status: 0, says: 'shut-wr' },
  { args: ['claims', 'C44'], status: 0, says: 'C44' },
  { args: ['matrix'], status: 0, says: 'old none' },
  {
    args: ['restart', '--stop-timeout', '400ms'],
    rest: [process.execPath, '-e', mute],
    status: 1,
    says: 'SIGTERM',
  },
  {
    args: ['idle', '--client', 'go'],
    rest: [process.execPath, '-e', serving],
    status: 1,
    says: 'Go net/http',
  },
  { args: ['why', String(somePort())], status: 0, says: 'can be bound' },
  {
    args: ['watch', String(somePort()), '--for', '50ms', '--until', 'LISTEN=1'],
    status: 1,
    says: 'LISTEN=1',
  },
  { args: ['audit', '--for', '0', '--pid', String(process.pid)], status: 0, says: 'close-wait' },
  { args: ['run'], rest: [process.execPath, '-e', ''], status: 0, says: 'every bind passes' },
  { args: ['merge', merged], status: 0, says: 'C01' },
  { args: ['doctor'], status: 0, says: 'Node' },
];

describe('every reporter of every command with results', () => {
  test.each(withResults)('$args.0', async ({ args, rest, status, says }) => {
    const [command = ''] = args;
    const names = [...forAll, ...forCi];
    const file = (name: string) => join(folder, `${command}.${name}`);
    const summary = file('summary');
    const reporters = names.flatMap((name) => ['--reporter', `${name}:${file(name)}`]);
    const finished = await tcpclose([...args, ...reporters, ...(rest === undefined ? [] : ['--', ...rest])], {
      env: { GITHUB_STEP_SUMMARY: summary },
    });
    expect(finished).toEqual({ stdout: '', stderr: '', status });
    const read = (name: string) => readFileSync(file(name), 'utf8');
    expect(junitErrors(read('junit'))).toEqual([]);
    expect(read('junit')).toContain(says);
    expect(tapErrors(read('tap'))).toEqual([]);
    if (command !== 'watch') expect(schemaErrors(command, JSON.parse(read('json')))).toEqual([]);
    for (const line of read('ndjson').trimEnd().split('\n')) expect(JSON.parse(line)).toBeTypeOf('object');
    expect(read('markdown')).toMatch(/^# /);
    expect(readFileSync(summary, 'utf8')).toMatch(new RegExp(`^### tcpclose ${command}\\n`));
    // Of many only those that did not pass are named.
    if (status === 1) expect(readFileSync(summary, 'utf8')).toContain(says);
    if (status === 1) expect(annotationErrors(read('github'))).toEqual([]);
  });

  test('is tried here', () => {
    const tried = new Set(withResults.map(({ args }) => args[0]));
    const withCases = kindNames.filter((name) => !['list', 'explain', 'init'].includes(name));
    expect([...tried].sort()).toEqual([...withCases].sort());
  });
});

describe('a command without results', () => {
  test.each(['list', 'explain', 'init'] as const)(
    '%s is refused by reporters for CI, with those that have results',
    async (command) => {
      expect((await kindOf(command))?.cases).toBeUndefined();
      for (const name of forCi) {
        await expect(written(name, command, () => {})).rejects.toThrow(
          `--reporter ${name} does not show the results of ${command}: use it with demo, test, claims`,
        );
      }
    },
  );

  test('list is Markdown, JSON and lines of JSON', async () => {
    const reporters = forAll.flatMap((name) => ['--reporter', `${name}:${join(folder, `list.${name}`)}`]);
    expect(await tcpclose(['list', ...reporters])).toEqual({ stdout: '', stderr: '', status: 0 });
    const read = (name: string) => readFileSync(join(folder, `list.${name}`), 'utf8');
    expect(schemaErrors('list', JSON.parse(read('json')))).toEqual([]);
    expect(read('markdown')).toContain('| server-first | ');
    expect(JSON.parse(read('ndjson'))).toMatchObject({ type: 'list' });
    expect(read('text')).toContain('  server-first\n');
  });
});

describe('--output', () => {
  const file = join(folder, 'output');

  test('takes what would be on standard output, of whichever reporter', async () => {
    const json = await tcpclose(['explain', 'FIN', '--json', '--output', file]);
    expect(json).toEqual({ stdout: '', stderr: '', status: 0 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ name: 'FIN' });
    const text = await tcpclose(['explain', 'FIN', '-o', file, '--reporter', `json:${file}.json`, '-q']);
    expect(text).toMatchObject({
      stderr: expect.stringContaining('nothing is left for --output'),
      status: 2,
    });
    await tcpclose(['explain', 'FIN', '-o', file]);
    expect(readFileSync(file, 'utf8')).toMatch(/^FIN: /);
    await tcpclose(['completion', 'bash', '-o', file]);
    expect(readFileSync(file, 'utf8')).toContain('tcpclose');
  });

  test('leaves no file behind without a result', async () => {
    const { status, stderr } = await tcpclose([
      'explain',
      'no-such-word',
      '--json',
      '--output',
      `${file}.none`,
    ]);
    expect(stderr).toMatch(/^tcpclose: "no-such-word" is not a known word[^\n]+\n$/);
    expect(status).toBe(2);
    expect(() => readFileSync(`${file}.none`)).toThrow('ENOENT');
  });

  test('that cannot be written is refused before anything is done', async () => {
    const { status, stderr } = await tcpclose(['init', '--output', '/nonexistent/x'], { cwd: folder });
    expect(stderr).toMatch(/^tcpclose: "\/nonexistent\/x" cannot be written \(ENOENT[^\n]+\n$/);
    expect(status).toBe(2);
    expect(() => readFileSync(join(folder, 'tcpclose/first.ts'))).toThrow('ENOENT');
  });
});

test('every reporter is documented for its commands', () => {
  const table = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');
  const names = reporterNames.filter((name) => !table.includes(`\`${name}\``));
  expect(names).toEqual([]);
  const listed = commands.filter(({ hidden }) => !hidden).map(({ name }) => name);
  expect(listed.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});

/** What is wrong with a report by TAP 14: the plan, the numbers of the points. */
function tapErrors(tap: string): string[] {
  const [version, plan, ...lines] = tap.trimEnd().split('\n');
  const numbers = lines.flatMap((line) => /^(?:not )?ok (\d+) - \S/.exec(line)?.[1] ?? []);
  const others = lines.filter((line) => !/^(?:(?:not )?ok \d+ - \S| {2})/.test(line));
  return [
    ...(version === 'TAP version 14' ? [] : [`version: ${version}`]),
    ...(plan === `1..${numbers.length}` ? [] : [`plan: ${plan} of ${numbers.length}`]),
    ...numbers.flatMap((number, i) => (number === String(i + 1) ? [] : [`number ${number}`])),
    ...others,
  ];
}

function annotationErrors(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  return lines.filter((line) => !/^::(error|warning|notice) [^:]*title=[^:]*::[^\n]+$/.test(line));
}
