import { join } from 'node:path';
import { expect } from 'vitest';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { tcpclose } from './program.ts';
import { schemaErrors } from './schema.ts';

/** The path of a small server. */
export const fixture = (name: string) => join(import.meta.dirname, '../fixtures/servers', name);

/** Restarts a command, and gives the document, which fits its schema and the exit status. */
export async function restart(
  options: readonly string[],
  command: readonly string[],
  program: Parameters<typeof tcpclose>[1] = {},
): Promise<RestartDocument> {
  const args = ['restart', '--json', ...options, '--', ...command];
  const { stdout, stderr, status } = await tcpclose(args, program);
  if (stdout === '') throw new Error(stderr);
  const document = JSON.parse(stdout) as RestartDocument;
  expect(schemaErrors('restart', document)).toEqual([]);
  expect(status).toBe({ survives: 0, loses: 1, fails: 1, 'not decided': 2 }[document.verdict]);
  return document;
}

/** The first way of a document to reload under a load. */
export function reloadOf({ runs }: RestartDocument) {
  const [run] = runs;
  if (run?.reload == null || run.load === null) throw new Error(JSON.stringify(run));
  return { ...run, reload: run.reload, load: run.load };
}
