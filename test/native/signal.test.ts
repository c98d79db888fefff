import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { HeldProcess, sendSignal, signalChild, signalGroup } from '../../src/native/signal.ts';
import { readProcess } from '../../src/observe/processes.ts';

const started: ChildProcess[] = [];

function start(command: string, args: string[]): ChildProcess {
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  return child;
}

afterEach(() => {
  for (const child of started.splice(0)) signalGroup(child, 'SIGKILL');
});

describe('a number that is not the pid of one process is refused', () => {
  // Each of them is more than one process to kill(2), or the init of everything.
  test.each([0, -1, -4242, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])('%d', (pid) => {
    expect(() => sendSignal(pid, 'SIGCONT')).toThrow('is not the pid of a started process');
  });
});

test('a process gets the signal once, and is gone then', async () => {
  const child = start('sleep', ['60']);
  const ended = once(child, 'exit');
  expect(signalChild(child, 'SIGTERM')).toBe('sent');
  expect(await ended).toEqual([null, 'SIGTERM']);
  expect(signalChild(child, 'SIGTERM')).toBe('gone');
  expect(sendSignal(child.pid ?? 0, 'SIGTERM')).toBe('gone');
});

test('a child that could not be started has no pid, and gets no signal', async () => {
  const child = start('/no/such/program', []);
  expect(signalChild(child, 'SIGKILL')).toBe('gone');
  expect(signalGroup(child, 'SIGKILL')).toBe('gone');
  await once(child, 'error');
});

test('a process group is signalled even when the child that began it has ended', async () => {
  const child = start('sh', ['-c', 'sleep 60 >/dev/null & echo $!']);
  const [left] = (await Promise.all([once(child.stdout ?? child, 'data'), once(child, 'exit')])).flat();
  const pid = Number(String(left));
  expect(readProcess(pid)?.state).toBe('alive');
  expect(signalGroup(child, 'SIGKILL')).toBe('sent');
  while (readProcess(pid)?.state === 'alive') await new Promise((resolve) => setTimeout(resolve, 5));
});

describe('a held process', () => {
  test('gets the signal, but not after its end', async () => {
    const child = start('sleep', ['60']);
    const held = HeldProcess.hold(child.pid ?? 0, () => true);
    expect(held?.hasEnded).toBe(false);
    const ended = once(child, 'exit');
    expect(held?.signal('SIGTERM')).toBe('sent');
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(held?.hasEnded).toBe(true);
    expect(held?.signal('SIGTERM')).toBe('gone');
    held?.close();
  });

  test('is not opened if the pid belongs to another process or to no process', async () => {
    const child = start('sleep', ['60']);
    expect(HeldProcess.hold(child.pid ?? 0, () => false)).toBeNull();
    const ended = once(child, 'exit');
    signalChild(child, 'SIGKILL');
    await ended;
    expect(HeldProcess.hold(child.pid ?? 0, () => true)).toBeNull();
  });

  test.each([0, -1, 1, process.pid, Number.NaN])('is never pid %d', (pid) => {
    expect(() => HeldProcess.hold(pid, () => true)).toThrow('is not signalled');
  });
});
