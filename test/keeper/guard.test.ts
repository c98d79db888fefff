import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { sendSignal } from '../../src/native/signal.ts';
import { descendantsOf, readProcess } from '../../src/observe/processes.ts';
import { Keepers } from '../support/keepers.ts';
import { somePort } from '../support/sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpclose-guard-'));
afterAll(() => rmSync(folder, { recursive: true }));

const keepers = new Keepers(folder);
afterEach(() => keepers.end());

test('when the keeper is killed nothing of the command stays, and whoever waits for it is told', async () => {
  const keeper = keepers.make();
  // Three that have left their parents, their sessions, and do not end by themselves.
  const script = `for i in 1 2 3; do setsid sh -c 'trap "" TERM HUP; sleep 600; sleep 600' & done
    exec python3 -c 'import socket, time; s = socket.socket(); s.bind(("127.0.0.1", ${somePort()})); s.listen(); print("ready", flush=True); time.sleep(600)'`;
  const run = await keepers.start(keeper, ['sh', '-c', script]);
  await run.ready;
  const pid = await keeper.pid;
  while (descendantsOf(pid).length < 7) await new Promise((resolve) => setTimeout(resolve, 20));
  const all = descendantsOf(pid).map((process) => process.pid);
  const lost = new Promise((resolve) => keeper.lost.addEventListener('abort', resolve));

  sendSignal(pid, 'SIGKILL');

  await lost;
  expect(keeper.lost.reason).toMatchObject({ code: 'keeper-lost' });
  expect(all.filter((pid) => readProcess(pid)?.state === 'alive')).toEqual([]);
  await expect(keepers.start(keeper, ['true'])).rejects.toMatchObject({ code: 'keeper-lost' });
  expect(await run.output()).toBe('');
});

test.each([
  ['the keeper', (_: number, keeper: number) => [keeper]],
  ['the keeper and its guard', (guard: number, keeper: number) => [guard, keeper]],
])('when %s is stopped all of the command is ended by force', async (_, stopped) => {
  const keeper = keepers.make();
  const script = `setsid sh -c 'trap "" TERM HUP; sleep 600; sleep 600' & echo ready; exec sleep 600`;
  const run = await keepers.start(keeper, ['sh', '-c', script]);
  await run.ready;
  const pid = await keeper.pid;
  while (descendantsOf(pid).length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  const guard = readProcess(pid)?.parent ?? 0;
  const all = [guard, pid, ...descendantsOf(pid).map((process) => process.pid)];

  for (const one of stopped(guard, pid)) sendSignal(one, 'SIGSTOP');
  await keeper.end();

  expect(all.filter((pid) => readProcess(pid)?.state === 'alive')).toEqual([]);
});
