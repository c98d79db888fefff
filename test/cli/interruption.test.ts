import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Program, programPath } from '../support/program.ts';

const why = await whyUnmet('namespace');

const steps = [1, 2, 3, 4, 5, 6, 7, 8];

/** Stops before the given step of server-first, with all that the steps before have left standing. */
async function atStep(number: number): Promise<Program> {
  const program = new Program(['demo', 'server-first', '--step']);
  for (const step of steps.slice(0, number)) {
    await program.says(`\n${step}  `);
    if (step < number) program.child.stdin?.write('\n');
  }
  return program;
}

describe.each(steps)('before step %i', (number) => {
  test('Ctrl-C takes everything down and ends with 130', async () => {
    const program = await atStep(number);
    program.child.kill('SIGINT');
    const { status, stdout, stderr } = await program.finished();
    expect(status).toBe(130);
    expect(stdout).toContain('interrupted (SIGINT)');
    expect(stderr).toBe('');
    expect(program.processes()).toEqual([]);
  });

  test('SIGKILL leaves no peer behind for longer than a second', async () => {
    const program = await atStep(number);
    program.child.kill('SIGKILL');
    await program.finished();
    expect(await program.leftAfter(1000)).toEqual([]);
  });
});

describe('at any moment, not only between steps', () => {
  // The run takes some 400 ms; these fall into its start, its middle and its end.
  test.each([0, 30, 60, 90, 120, 160, 200, 250, 300, 350, 400])(
    'SIGKILL after %i ms leaves nothing',
    async (ms) => {
      const program = new Program(['demo', 'server-first']);
      setTimeout(() => program.child.kill('SIGKILL'), ms);
      await program.finished();
      expect(await program.leftAfter(1000)).toEqual([]);
    },
  );

  test.each([60, 120, 200, 300])('SIGTERM after %i ms ends with 143', async (ms) => {
    const program = new Program(['demo', 'server-first', '--wait']);
    setTimeout(() => program.child.kill('SIGTERM'), ms);
    const { status } = await program.finished();
    // Before the program listens to signals it dies of them.
    expect([143, null]).toContain(status);
    expect(await program.leftAfter(1000)).toEqual([]);
  });
});

test.skipIf(why !== null)(
  `of many connections it is told what became of those that are over (${why ?? 'possible here'})`,
  async () => {
    const program = new Program(['demo', 'churn', '--connections', '10000000']);
    await program.says('\n1  ');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    program.child.kill('SIGINT');
    const { status, stdout } = await program.finished();
    expect(status).toBe(130);
    expect(stdout).toMatch(/\n {2}[\d,]+ of 10,000,000 connections: ok [1-9][\d,]*/);
    expect(stdout).toMatch(/\ninterrupted \(SIGINT\) after [\d.]+ s, before the first check\n$/);
    expect(program.processes()).toEqual([]);
  },
);

test.skipIf(why !== null)(
  `of a load that is recorded, too, and soon (${why ?? 'possible here'})`,
  async () => {
    const program = new Program(['demo', 'churn', '--connections', '10000000', '--packets']);
    await program.says('\n1  ');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const interruptedAt = performance.now();
    program.child.kill('SIGINT');
    const { status, stdout } = await program.finished();
    expect(status).toBe(130);
    expect(stdout).toMatch(/\nstates: /);
    // Whoever waits for what never ends gives up after a minute.
    expect(performance.now() - interruptedAt).toBeLessThan(20_000);
    expect(program.processes()).toEqual([]);
  },
);

test.each([
  [['demo', 'client-first'], '>/dev/full'],
  [['demo', 'client-first', '--json'], '>/dev/full'],
  [['list', '--json'], '>/dev/full'],
  [['demo', 'client-first'], '>/dev/full 2>&1'],
])('%j with its output to a full disk (%s) could not run', async (args, redirection) => {
  const prefix = ['sh', '-c', `"$@" ${redirection}`, 'sh'];
  const { stderr, status } = await new Program(args, { prefix }).finished();
  expect(stderr).toMatch(redirection.includes('2>') ? /^$/ : /^tcpclose: [^\n]*ENOSPC[^\n]*\n$/);
  expect(status).toBe(2);
});

test('a second Ctrl-C ends at once', async () => {
  const program = await atStep(2);
  program.child.kill('SIGSTOP');
  program.child.kill('SIGINT');
  program.child.kill('SIGTERM');
  program.child.kill('SIGCONT');
  const { status } = await program.finished();
  expect([130, 143]).toContain(status);
  expect(await program.leftAfter(1000)).toEqual([]);
});

test('--json tells of an interruption in its document', async () => {
  const program = new Program(['demo', 'server-first', '--json', '--wait']);
  // Until its last step a run takes some 400 ms; the wait itself about a minute.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  program.child.kill('SIGINT');
  const { status, stdout } = await program.finished();
  expect(status).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'interrupted', reason: 'SIGINT' });
  expect(program.processes()).toEqual([]);
});

test('a reader that goes away ends the run, quietly', async () => {
  const pipeline = spawn('sh', [
    '-c',
    `"${process.execPath}" "${programPath}" demo server-first --wait | head -n 3; true`,
  ]);
  let stderr = '';
  pipeline.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise((resolve) => pipeline.once('close', resolve));
  expect(await ended).toBe(0);
  expect(stderr).toBe('');
});
