import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { sendSignal } from '../../src/native/signal.ts';
import { descendantsOf, readProcess } from '../../src/observe/processes.ts';
import { supervisorProgram } from '../../src/package.ts';
import { guardedMark } from '../../src/supervisor/guard.ts';
import { somePort } from '../support/sockets.ts';
import { Supervisors } from '../support/supervisors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder('tcpclose-guard');

const supervisors = new Supervisors(folder);
afterEach(() => supervisors.end());

test('a killed supervisor leaves nothing of the command, and a waiting caller gets an error', async () => {
  const supervisor = supervisors.make();
  // Three that have left their parents, their sessions, and do not end by themselves.
  const script = `for i in 1 2 3; do setsid sh -c 'trap "" TERM HUP; sleep 600; sleep 600' & done
    exec python3 -c 'import socket, time; s = socket.socket(); s.bind(("127.0.0.1", ${somePort()})); s.listen(); print("ready", flush=True); time.sleep(600)'`;
  const run = await supervisors.start(supervisor, ['sh', '-c', script]);
  await run.ready;
  const pid = await supervisor.pid;
  while (descendantsOf(pid).length < 7) await new Promise((resolve) => setTimeout(resolve, 20));
  const all = descendantsOf(pid).map((process) => process.pid);
  const lost = new Promise((resolve) => supervisor.lost.addEventListener('abort', resolve));

  sendSignal(pid, 'SIGKILL');

  await lost;
  expect(supervisor.lost.reason).toMatchObject({ code: 'supervisor-lost' });
  expect(all.filter((pid) => readProcess(pid)?.state === 'alive')).toEqual([]);
  await expect(supervisors.start(supervisor, ['true'])).rejects.toMatchObject({ code: 'supervisor-lost' });
  expect(await run.output()).toBe('');
});

test.each([
  ['the supervisor', (_: number, supervisor: number) => [supervisor]],
  ['the supervisor and its guard', (guard: number, supervisor: number) => [guard, supervisor]],
])('when %s is stopped both are continued, and end all of the command', async (_, stopped) => {
  const supervisor = supervisors.make();
  const script = `setsid sh -c 'trap "" TERM HUP; sleep 600; sleep 600' & echo ready; exec sleep 600`;
  const run = await supervisors.start(supervisor, ['sh', '-c', script]);
  await run.ready;
  const pid = await supervisor.pid;
  while (descendantsOf(pid).length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  const guard = readProcess(pid)?.parent ?? 0;
  const all = [guard, pid, ...descendantsOf(pid).map((process) => process.pid)];

  for (const one of stopped(guard, pid)) sendSignal(one, 'SIGSTOP');
  const toldAt = performance.now();
  await supervisor.sweep(100);
  await supervisor.end();

  // By force it would take a minute.
  expect(performance.now() - toldAt).toBeLessThan(30_000);
  expect(all.filter((pid) => readProcess(pid)?.state === 'alive')).toEqual([]);
});

test('a supervisor that hangs in the start of Node does not outlive a tcpclose that is killed', async () => {
  const hang = join(folder, 'hang.cjs');
  const sleepForever = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)';
  writeFileSync(hang, `if (process.argv[2] === ${JSON.stringify(guardedMark)}) ${sleepForever};`);
  const start = `require('node:child_process').spawn(
    process.execPath, [${JSON.stringify(supervisorProgram)}, String(process.pid), '500'], { stdio: 'pipe', detached: true });`;
  const env = { ...process.env, NODE_OPTIONS: `--require=${hang}` };
  const tcpclose = spawn(process.execPath, ['-e', start], { env });
  const below = () => descendantsOf(tcpclose.pid ?? 0);
  await until('the guard and the supervisor', () => below().length === 2);
  const both = below();

  tcpclose.kill('SIGKILL');

  await until('the end of both', () => both.every(({ pid }) => readProcess(pid)?.state !== 'alive'));
});
