import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withFormats } from '../../build/formats-table.ts';
import { scripts } from '../../src/cli/completion/scripts.ts';
import { formatsOf } from '../../src/report/kinds/formats.ts';
import { kindNames, kindOf } from '../../src/report/kinds/kinds.ts';
import { type ReporterName, reporterNames } from '../../src/report/reporters.ts';
import { junitErrors } from '../support/junit.ts';
import { tcpclose } from '../support/program.ts';
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

/** Every command that shows cases: how it is called, its exit status, and what has to be in each of its reports. */
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
  { args: ['list'], status: 0, says: 'listed, not run' },
  { args: ['explain', 'TIME_WAIT'], status: 0, says: 'explained, not tried' },
  { args: ['init'], status: 0, says: 'tcpclose/first.ts exists' },
];

describe('every reporter of every command with cases', () => {
  test.each(withResults)('$args.0', async ({ args, rest, status, says }) => {
    const [command = ''] = args;
    const names = [...forAll, ...forCi];
    const file = (name: string) => join(folder, `${command}.${name}`);
    const summary = file('summary');
    const reporters = names.flatMap((name) => ['--reporter', `${name}:${file(name)}`]);
    const finished = await tcpclose([...args, ...reporters, ...(rest === undefined ? [] : ['--', ...rest])], {
      cwd: folder,
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
    expect([...tried].sort()).toEqual(kindNames.filter((name) => name !== 'completion').sort());
  });

  test('a scenario, a word or a file is skipped if nothing is tried', async () => {
    const file = join(folder, 'skipped.xml');
    const args = (...words: string[]) => [...words, '--reporter', `junit:${file}`];
    await tcpclose(args('explain', 'TIME_WAIT'));
    expect(readFileSync(file, 'utf8')).toMatch(
      /<testcase [^>]*name="TIME_WAIT">\s+<skipped message="explained, not tried"\/>\s+<system-out>kind: /,
    );
    expect(junitErrors(readFileSync(file, 'utf8'))).toEqual([]);
    await tcpclose(args('explain', 'shut-rd'));
    expect(readFileSync(file, 'utf8')).toContain('<skipped message="explained, not run"/>');
    await tcpclose(args('explain'));
    expect(readFileSync(file, 'utf8')).toContain('name="SO_REUSEADDR">');
    // The files were written by the test above.
    await tcpclose(args('init'), { cwd: folder });
    expect(readFileSync(file, 'utf8')).toContain('tests="2" failures="0" errors="0" skipped="2"');
  });
});

describe('the formats of a command', () => {
  test.each(kindNames)(
    '%s has those that its kind of document has, and help and completion name no other',
    async (name) => {
      const kind = await kindOf(name);
      const has = { html: kind?.page, svg: kind?.svg, trace: kind?.trace, junit: kind?.cases };
      const wanted = Object.entries({ ...has, tap: kind?.cases, github: kind?.cases }).map(
        ([format, part]) => [format, part !== undefined] as const,
      );
      expect(wanted).toEqual(wanted.map(([format]) => [format, formatsOf(name).includes(format as never)]));
      expect(formatsOf(name)).toEqual(expect.arrayContaining(['live', ...forAll]));
      const { stdout } = await tcpclose(['complete', 'bash', '--', name, '--reporter', '']);
      expect(stdout.trimEnd().split('\n')).toEqual(formatsOf(name));
    },
  );

  test.each([
    ['completion', ['bash'], 'junit', 'live, text, json, ndjson, markdown'],
    ['why', [], 'html', 'live, text, json, ndjson, tap, junit, markdown, github'],
    ['restart', [], 'trace', 'live, text, json, ndjson, tap, junit, html, markdown, svg, github'],
    ['idle', ['8080'], 'svg', 'live, text, json, ndjson, tap, junit, html, markdown, github'],
  ])('%s refuses another in one line that names its own', async (command, args, format, own) => {
    const file = join(folder, 'refused');
    const refused = await tcpclose([command, ...args, '--reporter', `${format}:${file}`]);
    expect(refused).toEqual({
      stdout: '',
      stderr: `tcpclose: --reporter: "${format}" does not show what ${command} prints: choose one of ${own}\n`,
      status: 2,
    });
    expect(existsSync(file)).toBe(false);
  });

  test('render refuses those that its document does not have', async () => {
    const { stdout, stderr, status } = await tcpclose(['render', saved('idle'), '--reporter', 'svg']);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(/^tcpclose: "svg" does not show what idle prints: choose one of [^\n]+\n$/);
  });
});

describe('--output', () => {
  const file = join(folder, 'output');
  const empty = temporaryFolder('empty');

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
    const script = readFileSync(file, 'utf8');
    expect(script).toBe(scripts.bash);
    const { stdout } = await tcpclose(['completion', 'bash', '--json']);
    expect(schemaErrors('completion', JSON.parse(stdout))).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({ shell: 'bash', script });
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
    const { status, stderr } = await tcpclose(['init', '--output', '/nonexistent/x'], { cwd: empty });
    expect(stderr).toMatch(/^tcpclose: "\/nonexistent\/x" cannot be written \(ENOENT[^\n]+\n$/);
    expect(status).toBe(2);
    expect(() => readFileSync(join(empty, 'tcpclose/first.ts'))).toThrow('ENOENT');
  });
});

test('every reporter is documented, and docs/ci.md has the table of the commands (npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');
  expect(
    reporterNames.filter((name) => !page.includes(`\n| \`${name}\``) && !page.includes(`, \`${name}\``)),
  ).toEqual([]);
  expect(withFormats(page)).toBe(page);
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
