import { formatEndpoint } from '../../address.ts';
import type { Cause, Observation, SecondResult, SecondStart } from '../trial.ts';

/** The second start listens, but did not serve its client. */
export function notServed({ target, firstClients }: Observation, { result, missing }: SecondStart): Cause {
  if (result !== 'not everywhere')
    return { code: null, ...(firstClients === 'some' ? compared : uncompared)(words[result]) };
  const where = missing.map((address) =>
    'path' in target ? address : formatEndpoint({ address, port: target.port }),
  );
  return {
    code: null,
    explanation: `The second start served a client, but does not listen on ${where.join(', ')}, where the first start did.`,
    remedy: 'look at its output; make it fail if one of its listeners cannot be opened, or is closed',
  };
}

interface Words {
  readonly saw: string;
  /** What the first start did with its clients. */
  readonly first: string;
  readonly remedy: string;
}

function compared({ saw, first, remedy }: Words): Omit<Cause, 'code'> {
  return { explanation: `The second start ${saw}${first}.`, remedy };
}

/** Without clients, the first start did not show how it treats them. */
function uncompared({ saw }: Words): Omit<Cause, 'code'> {
  return {
    explanation: `The second start ${saw}.`,
    remedy: 'look at its output; with --clients 1 it is compared with the first start',
  };
}

const words: Readonly<Record<Exclude<SecondResult, 'not everywhere'>, Words>> = {
  'listens only': {
    saw: 'listens, but did not accept the client that connected to it',
    first: '',
    remedy: 'look at what it does between listen() and accept(): the first start did accept its clients',
  },
  'not ready': {
    saw: 'accepts clients, but was not ready in time (--ready, --ready-http)',
    first: '',
    remedy: 'look at its output, or allow more time with --timeout',
  },
  'no answer': {
    saw: 'listens, but did not answer the request of its client',
    first: '',
    remedy: 'look at its output: the first start did answer',
  },
  'ends its client': {
    saw: 'listens, but ended the connection of its client',
    first: '; the first start did not',
    remedy: 'look at its output: it may not have finished starting, or have failed after listen()',
  },
  // Stryker disable ObjectLiteral,StringLiteral: these are results of the type only: a start that accepts, or fails, does not come here
  accepts: { saw: '', first: '', remedy: '' },
  failed: { saw: '', first: '', remedy: '' },
  // Stryker restore ObjectLiteral,StringLiteral
};
