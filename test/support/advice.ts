import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { WhyDocument } from '../../src/report/documents/why.ts';
import { tcpclose } from './program.ts';

export const shells = ['sh', 'bash'] as const;

/** A folder in which programs can be put that a pasted command finds first. */
export const folder = mkdtempSync(join(tmpdir(), 'tcpclose-advice-'));
chmodSync(folder, 0o755);
// Where these tests are root, sudo has nothing to do.
writeFileSync(join(folder, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
export const pastingEnvironment = {
  ...process.env,
  PATH: `${folder}:${process.env['PATH']}:/usr/sbin:/sbin`,
};

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Pastes a command into a shell. */
export function paste(
  command: string,
  shell: string,
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(shell, ['-c', command], { env: pastingEnvironment, encoding: 'utf8' });
}

export async function whyDocument(
  port: number,
  args: readonly string[] = [],
  prefix: readonly string[] = [],
): Promise<WhyDocument> {
  const { stdout, stderr } = await tcpclose(['why', String(port), '--json', ...args], { prefix });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** All commands that an answer advises. */
export function commandsOf({ steps, unseen }: WhyDocument): string[] {
  return [...steps, ...unseen].flatMap(({ command }) => (command === null ? [] : [command]));
}

/** Starts a program that says `up` when it is ready, and ends with the tests. */
export async function start([program = '', ...args]: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: pastingEnvironment });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** A server of Node on the port; `before` runs first. */
export function listener(port: number, before = ''): string[] {
  const script = `${before};require('net').createServer((s) => s.on('error', () => {})).listen(${port}, '127.0.0.1', () => console.log('up'));`;
  return [process.execPath, '-e', script];
}

/** A server on the port, and a client of it whose own port is `local`, in one process. */
export function connected(port: number, local: number): string[] {
  const script = `
    const net = require("net");
    net.createServer(() => {}).listen(${port}, "127.0.0.1", () =>
      net.connect({ port: ${port}, host: "127.0.0.1", localPort: ${local} }).on("connect", () => console.log("up")));`;
  return [process.execPath, '-e', script];
}
