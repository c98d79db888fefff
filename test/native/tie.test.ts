import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { sendSignal } from '../../src/native/signal.ts';
import { descendantsOf, readProcess } from '../../src/observe/processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder('tcpclose-tie');
const hangingNode = join(folder, 'node');
writeFileSync(hangingNode, '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });

let parent: ChildProcess | undefined;
let started: number | undefined;
afterEach(() => {
  parent?.kill('SIGKILL');
  if (started !== undefined && isAlive(started)) sendSignal(started, 'SIGKILL');
});

function isAlive(pid: number): boolean {
  return readProcess(pid)?.state === 'alive';
}

/** A process that has started that child, which sleeps. */
async function parentOf(which: string): Promise<ChildProcess> {
  const program = join(import.meta.dirname, '../fixtures/hanging-child.ts');
  const own = spawn(process.execPath, ['--import', 'tsx', program, which, hangingNode]);
  parent = own;
  // The child is tied right after its start.
  await once(own.stdout, 'data');
  await until(`the ${which}`, () => {
    started = descendantsOf(own.pid ?? 0).find(({ name }) => name === 'sleep')?.pid;
    return started !== undefined;
  });
  return own;
}

test.each([['peer'], ['guard of a supervisor'], ['process below run'], ['load generator']])(
  'a %s that hangs in the start of Node does not outlive a tcpclose that is killed',
  async (which) => {
    (await parentOf(which)).kill('SIGKILL');

    await until('the end of it', () => !isAlive(started ?? 0));
  },
);

test('a child that was untied outlives its parent', async () => {
  const own = await parentOf('child that was untied');

  own.kill('SIGKILL');
  await once(own, 'exit');

  expect(isAlive(started ?? 0)).toBe(true);
});

test('a peer does nothing that it would have to undo while it is tied', async () => {
  const program = join(import.meta.dirname, '../fixtures/blocked-caller.ts');
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const own = spawn(process.execPath, ['--import', 'tsx', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
  });
  const pid = Number((await text(own.stdout)).trim());

  expect(pid).toBeGreaterThan(0);
  await until('the end of the peer', () => !isAlive(pid));
  expect(readdirSync(temporary).filter((name) => name.startsWith('tcpclose-'))).toEqual([]);
});
