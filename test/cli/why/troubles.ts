/** What is the matter with a port beyond who holds it: each trouble is made for real, found, and gone after its remedy. */
import { expect } from 'vitest';
import type { WhyDocument } from '../../../src/report/documents/why.ts';
import { missing } from '../../support/machine.ts';
import { tcpclose } from '../../support/program.ts';
import { schemaErrors } from '../../support/schema.ts';
import { Terminal } from '../../support/terminal.ts';

export async function why(port: number, prefix: readonly string[] = []): Promise<WhyDocument> {
  const { stdout, stderr } = await tcpclose(['why', String(port), '--json'], { prefix });
  expect(stderr).toBe('');
  const document = JSON.parse(stdout);
  expect(schemaErrors('why', document)).toEqual([]);
  return document;
}

export const kinds = ({ troubles }: WhyDocument) => troubles.map(({ kind }) => kind);
export const commandOf = ({ steps }: WhyDocument, pattern: RegExp) =>
  steps.map(({ command }) => command ?? '').find((command) => pattern.test(command)) ?? '';

/** On a screen of 80 columns and 24 lines all of the answer is to be seen. */
export async function expectOneScreen(port: number, first: string): Promise<void> {
  if (missing('tmux') !== null) return;
  const terminal = new Terminal(80, { rows: 24 });
  try {
    const { shown } = await terminal.run(`tcpclose why ${port}`);
    expect(shown.split('\n')[0]).toContain(first);
    expect(shown).toMatch(/What to do/);
  } finally {
    terminal.close();
  }
}
