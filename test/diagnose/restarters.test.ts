import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { why } from '../../src/api/why.ts';

/** Says its port, and ends with its standard input. */
const listener = `
  const server = require('net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.resume().on('end', () => process.exit());`;
/** Starts it below itself, with the same input and output. */
const parent = `
  require('child_process').spawn(process.execPath, ['-e', process.argv[1]], { stdio: 'inherit' });`;

let child: ChildProcess | undefined;
afterEach(async () => {
  child?.stdin?.end();
  if (child?.exitCode === null) await once(child, 'exit');
});

async function firstStep(program: string, args: readonly string[], argv0 = program): Promise<string> {
  const started = spawn(program, args, { argv0, stdio: ['pipe', 'pipe', 'inherit'] });
  child = started;
  const [port] = await once(started.stdout, 'data');
  const answer = await why(Number(port));
  return answer.type === 'port' ? (answer.steps[0]?.text ?? '') : '';
}

const below = (name: string) => firstStep(process.execPath, ['-e', parent, listener], name);

test.each(['sshd: root@notty', 'sudo', 'tmux: server', '/usr/bin/env'])(
  '%s is not said to start a server again',
  async (name) => {
    expect(await below(name)).not.toContain('starts it again');
  },
);

test('nor is timeout', async () => {
  const step = await firstStep('timeout', ['600', process.execPath, '-e', listener]);
  expect(step).not.toContain('starts it again');
});

test('a program that may do so is', async () => {
  expect(await below('keeper')).toMatch(/; if it comes back, pid \d+ \(keeper .*\) starts it again/);
});
