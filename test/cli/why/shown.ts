import type { WhyDocument } from '../../../src/report/documents/why.ts';
import { tcpclose } from '../../support/program.ts';

export async function why(port: number, prefix: readonly string[] = [], ...options: readonly string[]) {
  const [json, text] = await Promise.all([
    tcpclose(['why', String(port), '--json'], { prefix }),
    tcpclose(['why', String(port), ...options], { prefix }),
  ]);
  return { document: JSON.parse(json.stdout) as WhyDocument, text: text.stdout, status: json.status };
}
