import { expect } from 'vitest';
import type { WhyDocument } from '../../../src/report/documents/why.ts';
import { tcpclose } from '../../support/program.ts';
import { schemaErrors } from '../../support/schema.ts';

export async function why(
  args: readonly string[],
  prefix: readonly string[] = [],
): Promise<{ document: WhyDocument; status: number | null }> {
  const { stdout, stderr, status } = await tcpclose(['why', ...args, '--json'], { prefix });
  expect(stderr).toBe('');
  const document: WhyDocument = JSON.parse(stdout);
  expect(schemaErrors('why', document)).toEqual([]);
  expect(document.advice[0] ?? '').not.toMatch(/kill -9|KILL/);
  return { document, status };
}

/** The lines that do not fit on 80 columns; commands stay in one piece, so that they can be pasted. */
export function tooWide(text: string, { steps, unseen }: WhyDocument): string[] {
  const commands = [...steps, ...unseen].map(({ command }) => command);
  return text.split('\n').filter((line) => [...line].length > 80 && !commands.includes(line.trim()));
}

export const bothFail = { withoutReuseAddress: 'EADDRINUSE', withReuseAddress: 'EADDRINUSE' };
export const withItPasses = { withoutReuseAddress: 'EADDRINUSE', withReuseAddress: 'ok' };
