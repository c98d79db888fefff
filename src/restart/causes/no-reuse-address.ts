import { formatSpan } from '../../time.ts';
import type { Cause, Observation, SecondStart } from '../trial.ts';
import { socketsSeen, wentElsewhere } from './words.ts';

/** Connections of the old server that no process has block the bind. */
export function noReuseAddress(seen: Observation, second: SecondStart): Cause {
  const { listenerOptions, probe } = seen;
  const leftMs = Math.max(0, ...socketsSeen(seen, second).map(({ timer }) => timer?.leftMs ?? 0));
  const free = leftMs === 0 ? '' : ` The port frees itself in ${formatSpan(leftMs)}.`;
  const mute =
    second.output.trim() === '' && second.ended !== null
      ? ' The second start printed nothing, so that this is what would have stopped it, if nothing else did.'
      : '';
  const hadIt = listenerOptions.state === 'read' && listenerOptions.reuseAddress;
  const explanation = hadIt && probe?.withReuseAddress === 'ok' ? hadOption : lacked(seen);
  return {
    code: 'no-reuse-address',
    explanation: `${explanation}${free}${mute}${wentElsewhere(second)}`,
    remedy: 'set SO_REUSEADDR before bind() in every start',
  };
}

const hadOption =
  'Connections of the old server remain. Its listener had SO_REUSEADDR when it was read, and a bind with the option passes now: ' +
  'so the second start had not set it when it called bind(): it sets it too late, or not in every start.';

function lacked({ listenerOptions, probe }: Observation): string {
  const why =
    listenerOptions.state === 'read' && !listenerOptions.reuseAddress
      ? 'it was opened without SO_REUSEADDR (read from its listener)'
      : listenerOptions.state === 'read'
        ? 'they lack SO_REUSEADDR, though its listener had it when it was read'
        : 'whether it had set SO_REUSEADDR could not be read';
  const withIt =
    probe === null
      ? ''
      : `, and with it ${probe.withReuseAddress === 'ok' ? 'succeeds' : 'too, since the connections that remain lack it'}`;
  return `Connections of the old server block the port: ${why}. A bind without the option fails now${withIt}.`;
}
