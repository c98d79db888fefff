/** Runs of commands below tcpclose, and what is said of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect } from 'vitest';
import { runCommandDocument } from '../../src/report/documents/run-command.ts';
import { tcpclose } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const folder = temporaryFolder('tcpclose-run', 0o777);

let files = 0;
export function file(name: string, text = ''): string {
  const path = join(folder, `${++files}-${name}`);
  if (text !== '') writeFileSync(path, text);
  return path;
}

/** Runs a command, and gives what is said of it, as a document and in words. */
export async function run(...command: readonly string[]) {
  const path = file('run.json');
  const reporters = ['--reporter', 'text', '--reporter', `json:${path}`];
  const finished = await tcpclose(['run', ...reporters, '--', ...command]);
  const document = v.parse(runCommandDocument, JSON.parse(readFileSync(path, 'utf8')));
  expect(document.watching).toEqual({ state: 'on' });
  return {
    ...finished,
    said: finished.stderr.replaceAll(/\n +/g, ' '),
    document,
    failures: document.failures,
  };
}

export const python = (script: string) => run('python3', '-c', `import socket, os, sys, time\n${script}`);
