import { formatEndpoint } from '../../address.ts';
import type { Cause, Observation, SecondResult, SecondStart } from '../trial.ts';

/** The second start listens, and did not serve its client. */
export function notServed({ target, firstClients }: Observation, { result, missing }: SecondStart): Cause {
  if (result !== 'not everywhere')
    return { code: null, ...(firstClients === 'some' ? words[result] : uncompared(words[result])) };
  const where = missing.map((address) =>
    'path' in target ? address : formatEndpoint({ address, port: target.port }),
  );
  return {
    code: null,
    explanation: `The second start has served a client, but does not listen on ${where.join(', ')}, where the first start did.`,
    remedy: 'look at its output; make it fail if one of its listeners cannot be opened, or is closed',
  };
}

/** Without clients, the first start did not show how it treats them. */
function uncompared({ explanation }: Omit<Cause, 'code'>): Omit<Cause, 'code'> {
  return {
    explanation: explanation.replace(/; the first start did not\.$/, '.'),
    remedy: 'look at its output; with --clients 1 it is compared with the first start',
  };
}

const words: Readonly<Record<Exclude<SecondResult, 'not everywhere'>, Omit<Cause, 'code'>>> = {
  'listens only': {
    explanation: 'The second start listens, but did not accept the client that connected to it.',
    remedy: 'look at what it does between listen() and accept(): the first start did accept its clients',
  },
  'not ready': {
    explanation: 'The second start accepts clients, but was not ready in time (--ready, --ready-http).',
    remedy: 'look at its output, or allow more time with --timeout',
  },
  'no answer': {
    explanation: 'The second start listens, but did not answer the request of its client.',
    remedy: 'look at its output: the first start did answer',
  },
  'ends its client': {
    explanation: 'The second start listens, but ended the connection of its client; the first start did not.',
    remedy: 'look at its output: it may not have finished starting, or have failed after listen()',
  },
  accepts: { explanation: '', remedy: '' },
  failed: { explanation: '', remedy: '' },
};
