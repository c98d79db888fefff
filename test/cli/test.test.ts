import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { needNames } from '../../src/scenario/needs.ts';
import { type Finished, Program, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('reports');

// Two that pass anywhere, quickly.
const two = ['shut-rd', 'shut-wr'];

describe('tcpclose test', () => {
  test('prints each scenario, a summary by topic, and the total', async () => {
    const { stdout, stderr, status } = await tcpclose(['test', ...two]);
    expect(stdout).toMatch(/✔ close\/shut-rd +5 of 5 +/);
    expect(stdout).toMatch(/✔ close\/shut-wr +6 of 6 +/);
    expect(stdout).toMatch(/\n {3}close +2 passed\n/);
    expect(stdout).toMatch(/\n2 passed in [\d.]+ m?s\n$/);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('takes topics, and leaves slow ones out unless they are named', async () => {
    // All are named before anything has run.
    const { stdout } = await tcpclose(['test', 'time-wait', '--reporter', 'tap', '--timeout', '1']);
    expect(stdout).toContain('time-wait/only-one-side');
    expect(stdout).not.toContain('time-wait/how-long');
    expect(stdout).not.toContain('close/');
  });

  test('--repeat runs everything so often', async () => {
    const { stdout, status } = await tcpclose(['test', ...two, '--repeat', '3']);
    expect(stdout).toContain('6 passed');
    expect(stdout).toContain('close/shut-rd (round 3)');
    expect(status).toBe(0);
  });

  test('--shuffle prints the seed that repeats its order', async () => {
    const orderOf = (text: string) => [...text.matchAll(/"name":"([^"]+)"/g)].map((match) => match[1]);
    // The order is known before anything has run.
    const begun = async (...options: readonly string[]) => {
      const program = new Program(['test', 'close', ...options, '--reporter', 'ndjson']);
      await program.says('\n');
      program.child.kill('SIGINT');
      const { stdout, stderr } = await program.finished();
      return { order: orderOf(stdout.split('\n')[0] ?? ''), stderr };
    };
    const first = await begun('--shuffle');
    const seed = /--seed (\d+)/.exec(first.stderr)?.[1] ?? '';
    const again = await begun('--seed', seed);
    expect(first.order.length).toBeGreaterThan(5);
    expect(again.order).toEqual(first.order);
    expect(first.order).not.toEqual([...first.order].sort());
  });

  test('--timeout ends a scenario that takes longer, and reports that', async () => {
    const { stdout, status } = await tcpclose(['test', 'close-wait-leak', '--timeout', '1']);
    expect(stdout).toMatch(/✖ states\/close-wait-leak +errored/);
    expect(stdout).toContain('try a longer --timeout');
    expect(status).toBe(2);
  });

  // Without unshare(1) no private network can be made.
  const bare = { env: { PATH: '/nonexistent' } };

  test('if all scenarios were skipped, the status shows that nothing is known', async () => {
    const { stderr, status } = await tcpclose(['test', 'fin-wait2-orphan'], bare);
    const why = 'no private network can be made (spawn unshare ENOENT): install util-linux';
    expect(stderr).toBe(`tcpclose: nothing was run, every scenario was skipped: ${why}\n`);
    expect(status).toBe(2);
  });

  test('one that passed beside others that were skipped is enough for status 0', async () => {
    const { stdout, stderr, status } = await tcpclose(['test', 'fin-wait2-orphan', 'shut-wr'], bare);
    expect(stdout).toContain('1 passed, 1 skipped');
    expect([stderr, status]).toEqual(['', 0]);
  });

  test('Ctrl-C ends with 130, after the results so far', async () => {
    const program = new Program(['test', 'close', 'states']);
    await program.says('✔');
    program.child.kill('SIGINT');
    const { stdout, status } = await program.finished();
    expect(status).toBe(130);
    expect(stdout).toMatch(/\ninterrupted: \d+ passed[\s\S]*\d+ of \d+\s+never\s+ran\s+in\s[\s\S]*\n$/);
    expect(await program.leftAfter(1000)).toEqual([]);
  });

  test('SIGKILL leaves nothing behind', async () => {
    const program = new Program(['test', 'close', 'states', 'time-wait']);
    await program.says('✔');
    program.child.kill('SIGKILL');
    await program.finished();
    // The holders of namespaces end the sockets that nobody owns first.
    expect(await program.leftAfter(3000)).toEqual([]);
  });
});

const endless = `import { scenario } from 'tcpclose';
export default scenario({
  title: 'Nothing ends',
  claim: 'It takes longer than it may.',
  source: ['RFC 9293 section 3.6'],
  decides: [],
  needs: [],
  control: 'kill',
  async run({ lab }) {
    await lab.pass(600_000, 'nothing happens');
  },
});
`;

describe('reporters', () => {
  const formats = ['json', 'junit', 'tap', 'ndjson'] as const;
  const written = (format: (typeof formats)[number]) => readFileSync(join(folder, format), 'utf8');
  let finished: Finished;
  beforeAll(async () => {
    const files = formats.flatMap((format) => ['--reporter', `${format}:${join(folder, format)}`]);
    finished = await tcpclose(['test', ...two, '--reporter', 'text', ...files]);
  });

  test('several write at once, into files and to standard output', () => {
    expect(finished).toMatchObject({ status: 0, stderr: '' });
    expect(finished.stdout).toContain('2 passed');
    for (const format of formats) expect(written(format).length).toBeGreaterThan(20);
  });

  test('json prints a document that keeps to its schema', () => {
    const document = JSON.parse(written('json'));
    expect(schemaErrors('test', document)).toEqual([]);
    expect(document).toMatchObject({ schemaVersion: 1, outcome: 'passed' });
    expect(document.scenarios.map(({ scenario }: { scenario: string }) => scenario).sort()).toEqual(two);
    expect(document.scenarios[0].checks[0]).toMatchObject({ verdict: 'as expected' });
  });

  test('--json is the json reporter, beside others that write files', async () => {
    const file = join(folder, 'beside.tap');
    const { stdout, status } = await tcpclose(['test', ...two, '--json', '--reporter', `tap:${file}`]);
    expect(schemaErrors('test', JSON.parse(stdout))).toEqual([]);
    expect(readFileSync(file, 'utf8')).toContain('ok 2 - ');
    expect(status).toBe(0);
  });

  test('github annotates what did not pass, and the sum', async () => {
    const file = join(folder, 'endless.mjs');
    writeFileSync(file, endless);
    // So long that the other one passes on a busy machine, too.
    const options = ['--timeout', '15s', '--reporter', 'github'];
    const { stdout, status } = await tcpclose(['test', file, 'shut-rd', ...options]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^::error title=tcpclose test%3A [^:]*endless::.*longer --timeout/),
      expect.stringMatching(/^::error title=tcpclose test::1 passed, 1 errored in /),
    ]);
    expect(status).toBe(2);
  });

  test('ndjson prints one event a line', () => {
    const events = written('ndjson')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ type: 'suite started' });
    expect(events.at(-1)).toMatchObject({ type: 'suite finished', outcome: 'passed' });
    const finished = events.filter(({ type }) => type === 'run finished');
    expect(finished.map(({ scenario, outcome }) => `${scenario} ${outcome}`).sort()).toEqual(
      two.map((name) => `${name} passed`),
    );
    expect(
      events.filter(({ type }) => type === 'check').every(({ verdict }) => verdict === 'as expected'),
    ).toBe(true);
  });

  test('tap counts what it announces', () => {
    const lines = written('tap').trim().split('\n');
    expect(lines.slice(0, 2)).toEqual(['TAP version 14', '1..2']);
    expect(lines.slice(2).sort()).toEqual([
      expect.stringMatching(/^ok 1 - close\/shut-(rd|wr)$/),
      expect.stringMatching(/^ok 2 - close\/shut-(rd|wr)$/),
    ]);
  });

  test('junit is XML that CI systems read', () => {
    expect(XMLValidator.validate(written('junit'))).toBe(true);
    const parsed = new XMLParser({ ignoreAttributes: false }).parse(written('junit'));
    const suite = parsed.testsuites.testsuite;
    expect(suite['@_name']).toBe('close');
    expect(suite['@_tests']).toBe('2');
    expect(suite.testcase.map((testcase: Record<string, string>) => testcase['@_name']).sort()).toEqual(two);
  });
});

test.each([
  [['test', 'shut-up'], 'there is no scenario "shut-up"'],
  [['test', '--reporter', 'xml'], '"xml" is not a reporter'],
  [['test', '--reporter', 'json:'], 'names no file'],
  [['test', '--reporter', 'json', '--reporter', 'tap'], 'cannot both write to standard output'],
  [['test', '--reporter', 'json:/no/such/folder/x'], 'cannot be written'],
  [['test', '--require', 'luck'], needNames.join(', ')],
  [['test', '--repeat', '0'], 'from 1 to 10000'],
  [['test', '--timeout', 'soon'], '"soon" is not a duration'],
])('%j is refused in one line', async (args, why) => {
  const { stdout, stderr, status } = await tcpclose(args);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stderr).toContain(why);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
