import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { WhyDocument } from '../../../src/report/documents/why.ts';
import { readProc, tcpclose } from '../../support/program.ts';
import { schemaErrors } from '../../support/schema.ts';

export const folder = mkdtempSync(join(tmpdir(), 'why-kill-'));
export const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts a program in a session of its own; it says `up` when it listens. */
export async function start([program = '', ...args]: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await once(child.stdout ?? child, 'data');
  return child;
}

export async function kill(port: number, args: readonly string[] = [], prefix: readonly string[] = []) {
  const { stdout, stderr, status } = await tcpclose(
    ['why', `${port}`, '--kill', '--yes', '--json', ...args],
    {
      prefix,
    },
  );
  expect(stderr).toBe('');
  const document: WhyDocument = JSON.parse(stdout);
  expect(schemaErrors('why', document)).toEqual([]);
  return { document, status };
}

export const isAlive = (pid: number | undefined) => /^State:\s+[RSDT]/m.test(readProc(`${pid}/status`));
