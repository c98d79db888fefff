import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runSuite } from '../../src/index.ts';
import type { SuiteDocument } from '../../src/report/documents/suite.ts';
import { junitErrors } from '../support/junit.ts';
import { Program, tcpclose } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder('own-files');

/** A scenario whose run goes on with these lines; `before`: what the file does when it is loaded. */
function save(name: string, lines: string, before = ''): string {
  writeFileSync(
    join(folder, name),
    `import { execSync, spawn } from 'node:child_process';
import { scenario } from 'tcpclose';
${before}
export default scenario({
  title: 'One of my own', claim: 'It holds.', source: [], decides: [], control: 'end',
  async run({ lab, expect, step, note }: any) {
    await step('the client closes');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.end();
    await expect(client).state('FIN_WAIT2');
    ${lines}
  },
});
`,
  );
  return `./${name}`;
}

const good = [save('first.ts', ''), save('second.ts', '')];

type Result = Pick<SuiteDocument['scenarios'][number], 'outcome' | 'reason'>;

/** The results by name, of a run with the good ones beside; they must have passed, and each report must be whole. */
async function besideGoodOnes(files: readonly string[], ...options: string[]): Promise<Map<string, Result>> {
  const report = `${files.join().replace(/\W/g, '-')}.xml`;
  const reporters = ['--reporter', `junit:${report}`, '--reporter', 'json'];
  const { stdout, status } = await tcpclose(['test', ...good, ...files, ...reporters, ...options], {
    cwd: folder,
  });
  expect(status).toBe(2);
  const { scenarios, neverRun } = JSON.parse(stdout) as SuiteDocument;
  expect(neverRun).toBe(0);
  const results = new Map(scenarios.map(({ scenario, ...result }) => [scenario, result]));
  expect(results.size).toBe(good.length + files.length);
  for (const name of ['first', 'second']) expect(results.get(name)?.outcome).toBe('passed');
  const xml = readFileSync(join(folder, report), 'utf8');
  expect(junitErrors(xml)).toEqual([]);
  for (const name of results.keys()) expect(xml).toContain(` name="${name}"`);
  expect(xml.match(/<error /g)).toHaveLength(files.length);
  return results;
}

test.each([
  [
    'an endless loop',
    save('loops.ts', 'for (;;) {}'),
    /^loops\.ts: nothing else could run for 10 s: look for a loop that does not end, or has no "await"$/,
  ],
  [
    'an endless loop where it is loaded',
    save('loops-early.ts', '', 'for (;;) {}'),
    /^loops-early\.ts: nothing else could run for 10 s: look for a loop/,
  ],
  [
    'a file that cannot be loaded',
    save('broken.ts', '', "import './not-there.ts';"),
    /^"\.\/broken\.ts" cannot be loaded \(.*not-there.*\): fix it and try again$/,
  ],
  [
    'process.abort()',
    save('aborts.ts', 'process.abort();'),
    /^aborts\.ts: its process died of SIGABRT: look for/,
  ],
  [
    'SIGKILL',
    save('killed.ts', "process.kill(process.pid, 'SIGKILL');"),
    /^killed\.ts: its process died of SIGKILL: look for/,
  ],
  [
    'process.exit()',
    save('exits.ts', 'process.exit(0);'),
    /^exits\.ts:12: process\.exit\(\) would end tcpclose: /,
  ],
  [
    'process.exit() where it is loaded',
    save('exits-early.ts', '', 'process.exit(0);'),
    /^"\.\/exits-early\.ts" cannot be loaded \(process\.exit\(\) would end tcpclose/,
  ],
  [
    'an error that nothing waits for, of what it does when it is loaded',
    save('stray.ts', 'await new Promise(() => {});', "setTimeout(() => { throw new Error('lost') }, 100);"),
    /^stray\.ts:3: lost$/,
  ],
])('%s is the error of its scenario: the others pass, and every report is whole', async (_, file, reason) => {
  const [[, result] = []] = [...(await besideGoodOnes([file]))].filter(([name]) => file === `./${name}.ts`);
  expect(result).toMatchObject({ outcome: 'errored', reason: expect.stringMatching(reason) });
});

test('a call that blocks ends with the time limit', async () => {
  const file = save('blocks.ts', "execSync('sleep 60');");
  const result = (await besideGoodOnes([file], '--timeout', '15s')).get('blocks');
  expect(result?.reason).toBe(
    'blocks.ts: not over after 15 s, and nothing else could run: look for a call that blocks, such as execSync()',
  );
});

test('a check that was contradicted counts more than the end of the process', async () => {
  const file = save(
    'contradicted.ts',
    "expect.value('one', 1).equals(2); process.kill(process.pid, 'SIGKILL');",
  );
  const { stdout, status } = await tcpclose(['test', file], { cwd: folder });
  expect(stdout).toContain('expected 2');
  expect(stdout).toContain('died of SIGKILL');
  expect(status).toBe(1);
});

test('what a file does to its process is not seen by the others, and what tcpclose has is the same', async () => {
  const alone = (name: string) =>
    save(
      name,
      `const { argv, env } = process;
    expect.value('argument', argv.includes('--repeat')).equals(true);
    expect.value('folder', process.cwd()).equals(${JSON.stringify(folder)});
    expect.value('environment', String(env.OWN) + env.LEFT + globalThis.left + process.send).equals('as given' + 'undefined'.repeat(3));
    env.LEFT = globalThis.left = 'something'; process.chdir('/');`,
    );
  const args = ['test', alone('alone-1.ts'), alone('alone-2.ts'), '--repeat', '2', '--jobs', '1'];
  const { stdout, stderr, status } = await tcpclose(args, { cwd: folder, env: { OWN: 'as given' } });
  expect(stderr).toBe('');
  expect(stdout).toContain('4 passed');
  expect(status).toBe(0);
});

test('what a scenario prints is on the outputs of tcpclose, and its timers do not keep the run from ending', async () => {
  const file = save(
    'talks.ts',
    "console.log('said'); console.error('warned');",
    'setInterval(() => {}, 10);',
  );
  const { stdout, stderr, status } = await tcpclose(['test', file], { cwd: folder });
  expect(stdout).toContain('said\n');
  expect(stderr).toBe('warned\n');
  expect(status).toBe(0);
});

test('what a scenario leaves running ends with it, even if it tries to keep its process from ending', async () => {
  const stays =
    "process.on('exit', () => process.exit(3)); spawn('sleep', ['60'], { stdio: 'ignore' }).unref();";
  const program = new Program(['test', save('leaves.ts', stays)], { cwd: folder });
  const { stderr, status } = await program.finished();
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(await program.leftAfter(2000)).toEqual([]);
});

const waiting = ['waits-1.ts', 'waits-2.ts'].map((name) =>
  save(name, "console.log('it waits'); await new Promise(() => {});"),
);
const looping = save('loops-on.ts', "console.log('it waits'); for (;;) {}");

/** A run of them, once they wait. */
async function waitingRun(files: readonly string[]): Promise<Program> {
  const program = new Program(['test', ...files, '--reporter', 'junit:interrupted.xml'], { cwd: folder });
  await until('all to wait', () => program.stdout.split('it waits').length > files.length);
  return program;
}

test('Ctrl-C ends all of them at once, even one that loops, and the report is complete', async () => {
  const program = await waitingRun([...waiting, looping]);
  const interruptedAt = performance.now();
  program.child.kill('SIGINT');
  const { status, stderr } = await program.finished();
  expect(performance.now() - interruptedAt).toBeLessThan(9000);
  expect(stderr).toBe('');
  expect(status).toBe(130);
  // The network of one that was killed ends by itself.
  expect(await program.leftAfter(5000)).toEqual([]);
  const xml = readFileSync(join(folder, 'interrupted.xml'), 'utf8');
  expect(junitErrors(xml)).toEqual([]);
  for (const name of ['waits-1', 'waits-2', 'loops-on']) expect(xml).toContain(` name="${name}"`);
});

test.each([
  ['that wait', waiting],
  ['that loop', [looping]],
])('SIGKILL of tcpclose leaves no process of files %s', async (_, files) => {
  const program = await waitingRun(files);
  program.child.kill('SIGKILL');
  expect(await program.leftAfter(5000)).toEqual([]);
});

test('the API runs files in the same way, and leaves no process that waited for its run', async () => {
  const names = ['first.ts', 'aborts.ts', 'broken.ts'].map((name) => join(folder, name));
  const { scenarios } = await runSuite(names);
  expect(scenarios.map(({ scenario, outcome }) => `${scenario} ${outcome}`).sort()).toEqual([
    'aborts errored',
    'broken errored',
    'first passed',
  ]);
  await expect(runSuite(names, { host: 'no address' })).rejects.toMatchObject({ code: 'bad-host' });
  expect(ownChildren()).toEqual([]);
});

function ownChildren(): string[] {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  return pids
    .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '))
    .filter((line) => line.includes('own-file'));
}

test('a folder may have files to be imported, and one that exports no scenario is refused by name', async () => {
  mkdirSync(join(folder, 'some'), { recursive: true });
  save('some/one.ts', '');
  writeFileSync(join(folder, 'some/shared.ts'), 'export const shared = 1;\n');
  writeFileSync(join(folder, 'some/other.ts'), 'export default 1;\n');
  const inFolder = await tcpclose(['test', './some', '--reporter', 'tap'], { cwd: folder });
  expect(inFolder.stdout).toMatch(/^1\.\.2$/m);
  expect(inFolder.stdout).toMatch(/^not ok \d - your own\/other\b/m);
  expect(inFolder.stdout).toContain('exports no scenario');
  const byName = await tcpclose(['test', './some/shared.ts', '--reporter', 'github'], { cwd: folder });
  expect(byName.stdout).toMatch(/^::error .*shared\.ts" exports no scenario/m);
  expect(byName.status).toBe(2);
});
