import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { missing } from './machine.ts';
import type { Finished } from './program.ts';

/** Why nobody can verify evidence here, or null. */
export const noVerifier = missing('tshark', 'jq', 'python3', 'ss');

/** A folder that does not exist yet, removed with all that comes into it. */
export function newFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'evidence-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return join(parent, 'new');
}

/** Runs the verify.sh of a claim, as a reader would. */
export function verify(folder: string): Promise<Finished> {
  const child = spawn('bash', [join(folder, 'verify.sh')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ ...texts, status }));
  });
}
