import { formatEndpoint } from '../../address.ts';
import { describeErrno } from '../../native/errno.ts';
import type { Call } from '../../supervisor/calls/call.ts';
import { formatSpan } from '../../time.ts';
import { describeEnding } from '../early-end.ts';
import type { Cause, Observation, SecondStart } from '../trial.ts';

/** The second start did not listen, but does not report an address in use. */
export function exitedOtherwise(seen: Observation, second: SecondStart): Cause {
  const { probe, target } = seen;
  const { ended, listensOn } = second;
  if (ended === null && listensOn.length > 0) return elsewhere(second, target);
  const how = ended === null ? 'is running, but does not listen' : `ended with ${describeEnding(ended)}`;
  const port = ofPort(second, seen);
  const also =
    probe?.withoutReuseAddress === 'EADDRINUSE' &&
    second.ownBind.state !== 'called' &&
    second.listened === 'no'
      ? ' A bind without SO_REUSEADDR fails as well: connections of the old server remain.'
      : '';
  return {
    code: ended === null ? null : 'exited-otherwise',
    explanation: `The second start ${how}${port}.${also}`,
    remedy:
      second.output.trim() === ''
        ? 'it printed nothing: start it by hand, with its own log turned on'
        : 'read its output: it gives another reason than the port',
  };
}

function ofPort({ ownBind, listened, watchedMs }: SecondStart, { probe, target }: Observation): string {
  if (watchedMs !== null) return `, ${formatSpan(watchedMs)} after it had served its client`;
  if (listened === 'yes') return ', after it had listened';
  if (ownBind.state === 'never called')
    return ` and never called bind()${butBound(ownBind.elsewhere, target)}`;
  if (ownBind.state === 'called') {
    const { call, result } = ownBind.last;
    if (result === 'ok') return `, though its ${call}() succeeded`;
    if (!['failed', 'not seen'].includes(result)) return `: its ${call}() got ${describeErrno(result)}`;
  }
  if (probe === null) return '';
  if (probe.withoutReuseAddress === 'ok') return ', while the port is free';
  return ', and does not say that its address is in use';
}

function butBound(binds: readonly Call[], target: Observation['target']): string {
  if (binds.length === 0) return '';
  const places = [...new Set(binds.map(describePlace))];
  const more = places.length > shownPlaces ? ` and ${places.length - shownPlaces} more` : '';
  const there = 'path' in target ? target.path : `port ${target.port}`;
  return ` for ${there}, but for ${places.slice(0, shownPlaces).join(', ')}${more}`;
}

const shownPlaces = 3;

function describePlace({ type, address, port, path, network }: Call): string {
  const kind = type === 'datagram' && path === null ? 'UDP ' : '';
  const where = path ?? (address === null ? `port ${port}` : formatEndpoint({ address, port: port ?? 0 }));
  return `${kind}${where}${network === 'same' ? '' : ' in another network namespace'}`;
}

function elsewhere({ listensOn }: SecondStart, target: Observation['target']): Cause {
  const was = 'path' in target ? target.path : `port ${target.port}`;
  const place = 'path' in target ? 'socket' : 'port';
  return {
    code: null,
    explanation: `The second start listens elsewhere: on ${listensOn.join(', ')} instead of ${was}.`,
    remedy: `give it the same ${place} in every start, and make it fail if the ${place} is in use: its clients look for it there`,
  };
}

/** The file of a Unix socket outlives the process that bound it, and blocks the next bind. */
export function staleSocket(path: string): Cause {
  return {
    code: 'exited-otherwise',
    explanation: `The file ${path} blocked the second start: the file of a Unix socket outlives its process.`,
    remedy: 'unlink the path before bind(), or when the server exits',
  };
}
