import { formatSpan } from '../../time.ts';
import type { Cause, Observation, SecondStart } from '../trial.ts';
import { socketsSeen, wentElsewhere } from './words.ts';

/** Connections of the old server without a process block the bind. */
export function noReuseAddress(seen: Observation, second: SecondStart): Cause {
  const { listenerOptions, probe } = seen;
  const leftMs = Math.max(0, ...socketsSeen(seen, second).map(({ timer }) => timer?.leftMs ?? 0));
  const free = leftMs === 0 ? '' : ` The port frees itself in ${formatSpan(leftMs)}.`;
  const mute =
    second.ownBind.state === 'not known' && second.output.trim() === '' && second.ended !== null
      ? ' The second start printed nothing, so this probably stopped it, unless something else did.'
      : '';
  const hadIt = listenerOptions.state === 'read' && listenerOptions.reuseAddress;
  const explanation =
    seen.reuseAddressAtBind === false && hadIt
      ? tooLate
      : hadIt && probe?.withReuseAddress === 'ok'
        ? hadOption(second)
        : lacked(seen, second);
  return {
    code: 'no-reuse-address',
    explanation: `${explanation}${free}${mute}${wentElsewhere(second)}`,
    remedy: 'set SO_REUSEADDR before bind() in every start',
  };
}

const tooLate =
  'Connections of the old server remain. The server sets SO_REUSEADDR after bind(): at its bind() the option was off, which is what counts.';

function hadOption({ ownBind }: SecondStart): string {
  const when =
    'Connections of the old server remain. Its listener had SO_REUSEADDR when it was read, and a bind with the option succeeds now';
  if (ownBind.state === 'called' && ownBind.last.options?.reuseAddress === false)
    return `${when}; the second start called bind() without it.`;
  return `${when}: so the second start had not set it when it called bind(). It sets it too late, or not in every start.`;
}

function lacked({ listenerOptions, probe }: Observation, { ownBind }: SecondStart): string {
  const why =
    listenerOptions.state === 'read' && !listenerOptions.reuseAddress
      ? 'it was opened without SO_REUSEADDR (read from its listener)'
      : listenerOptions.state === 'read'
        ? 'they lack SO_REUSEADDR, though its listener had it when it was read'
        : 'whether it had set SO_REUSEADDR could not be read';
  const withIt =
    probe === null
      ? ''
      : `, and with it ${probe.withReuseAddress === 'ok' ? 'succeeds' : 'too, because the remaining connections lack it'}`;
  const own =
    ownBind.state === 'called' && ownBind.last.options !== null
      ? ` The second start called bind() ${ownBind.last.options.reuseAddress ? 'with' : 'without'} it.`
      : '';
  return `Connections of the old server block the port: ${why}. A bind without the option fails now${withIt}.${own}`;
}
