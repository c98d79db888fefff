import type { WhyDocument } from '../../../src/report/documents/why.ts';
import { tcpclose } from '../../support/program.ts';

/** One after the other: `why` borrows the listener's descriptor for a moment, and the other one would see it among the holders. */
export async function why(port: number, prefix: readonly string[] = [], ...options: readonly string[]) {
  const json = await tcpclose(['why', String(port), '--json'], { prefix });
  const text = await tcpclose(['why', String(port), ...options], { prefix });
  return { document: JSON.parse(json.stdout) as WhyDocument, text: text.stdout, status: json.status };
}
