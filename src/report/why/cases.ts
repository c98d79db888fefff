import { formatEndpoint } from '../../address.ts';
import { type Case, type CaseResult, problem } from '../ci.ts';
import type { WhyDocument } from '../documents/why.ts';
import type { WhyAnswer } from '../documents/why-answers.ts';
import type { UnixDocument } from '../documents/why-unix.ts';

/** A case for each port or socket in question: it passes if it can be bound. A listed listener passes. */
export function whyCases(answer: WhyAnswer): Case[] {
  switch (answer.type) {
    case 'several':
      return answer.answers.map(caseOf);
    case 'listeners':
      return answer.listeners.map(({ protocol, port, addresses, processes }) => ({
        ...named(`${protocol} port ${port} of ${addresses.join(', ')}`),
        result: { state: 'passed', remark: null },
        facts: { processes: processes.map(({ pid, command }) => ({ pid, command })) },
      }));
    case 'port':
    case 'socket':
      return [caseOf(answer)];
  }
}

function caseOf(answer: WhyDocument | UnixDocument): Case {
  const name =
    answer.type === 'port'
      ? `port ${formatEndpoint({ address: answer.host, port: answer.port })} can be bound`
      : `${answer.name} can be bound`;
  return { ...named(name), result: resultOf(answer), facts: { verdict: answer.verdict } };
}

function named(name: string) {
  return { suite: 'why', className: 'tcpclose.why', name, title: name, durationMs: null, warnings: [] };
}

function resultOf({ verdict, meaning, advice }: WhyDocument | UnixDocument): CaseResult {
  if (verdict === 'free') return { state: 'passed', remark: meaning };
  const rest = { type: verdict, remedy: advice[0] ?? null, text: advice.join('\n') };
  return { state: 'failed', problems: [problem(meaning, rest)] };
}
