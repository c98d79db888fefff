import { formatEndpoint } from '../../address.ts';
import { type Case, type CaseResult, problem } from '../ci.ts';
import type { IdleDocument } from '../documents/idle.ts';

type Comparison = IdleDocument['comparisons'][number];

/** A case for the given client; without a client, one for the server. */
export function idleCases(document: IdleDocument): Case[] {
  const { address, port, comparisons, compared, idle, durationMs, keepAlive } = document;
  const server = formatEndpoint({ address, port });
  const worst = comparisons.find(({ verdict }) => verdict === document.verdict) ?? comparisons[0];
  const one = compared === 'one' ? worst : undefined;
  const name = `${one === undefined ? 'every client' : one.client} gives up first`;
  return [
    {
      ...{ suite: server, className: 'tcpclose.idle', name, title: `${server}: ${name}`, durationMs },
      result: resultOf(document, worst),
      facts: {
        verdict: document.verdict,
        server_idle: idle.state,
        server_idle_ms: idle.ms === null ? null : Math.round(idle.ms),
        client_idle_ms: worst?.clientIdleMs ?? null,
        keep_alive_timeout_s: keepAlive?.timeoutS ?? null,
        hits_per_s: worst?.risk?.hitsPerS ?? null,
      },
      warnings: [],
    },
  ];
}

function resultOf({ verdict, settings }: IdleDocument, worst: Comparison | undefined): CaseResult {
  const reason = worst?.reason ?? '';
  switch (verdict) {
    case 'no race':
      return { state: 'passed', remark: reason };
    case 'race possible': {
      const remedy = settings.map(({ of, setting }) => `${of}: ${setting}`).join(' or ');
      return {
        state: 'failed',
        problems: [
          problem(`race possible: ${reason}`, {
            type: 'race-possible',
            remedy: remedy === '' ? null : remedy,
          }),
        ],
      };
    }
    case 'not measured':
      return { state: 'undecided', problems: [problem(reason)] };
  }
}
