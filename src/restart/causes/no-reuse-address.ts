import type { Row } from '../../observe/row.ts';
import { formatSpan } from '../../time.ts';
import type { Cause, Observation, Probe, SecondStart } from '../trial.ts';
import { optionOf, socketsSeen, wentElsewhere } from './words.ts';

/** The old server's connections, which belong to no process any more, block the bind. */
export function noReuseAddress(seen: Observation, second: SecondStart, probe: Probe): Cause {
  const sockets = socketsSeen(seen, second);
  const leftMs = Math.max(0, ...sockets.map(({ timer }) => timer?.leftMs ?? 0));
  const free = leftMs === 0 ? '' : ` The port frees itself in ${formatSpan(leftMs)}${ifClosed(sockets)}.`;
  const mute =
    second.ownBind.state === 'not known' && second.output.trim() === '' && second.ended !== null
      ? ' The second start printed nothing, so this probably stopped it, unless something else did.'
      : '';
  return {
    code: 'no-reuse-address',
    explanation: `${whyWithout(seen, second, probe)}${free}${mute}${wentElsewhere(second)}`,
    remedy: `set SO_REUSEADDR before bind() in every start${seen.language === 'Python' ? inPython : ''}`,
  };
}

const inPython =
  ': sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1), or of http.server and socketserver: allow_reuse_address = True';

/** TIME_WAIT begins when the other side of a FIN_WAIT2 closes. */
function ifClosed(sockets: readonly Pick<Row, 'state'>[]): string {
  return sockets.some(({ state }) => state === 'FIN_WAIT2')
    ? ' or, if a client closes before, 60 s after that'
    : '';
}

function whyWithout(seen: Observation, second: SecondStart, probe: Probe): string {
  const option = optionOf(seen);
  if (option === 'on' && seen.reuseAddressAtBind === false) return tooLate;
  if (option === 'on' && probe.withReuseAddress === 'ok') return hadOption(second);
  return `Connections of the old server block the port: ${lacked[option]}. ${nowFails(probe)}.${ownOption(second)}`;
}

const tooLate =
  'Connections of the old server remain. The server sets SO_REUSEADDR after bind(): at its bind() the option was off, which is what counts.';

function hadOption({ ownBind }: SecondStart): string {
  const when =
    'Connections of the old server remain. Its listener had SO_REUSEADDR when it was read, and a bind with the option succeeds now';
  if (ownBind.state === 'called' && ownBind.last.options !== null)
    return `${when}; the second start called bind() without it.`;
  return `${when}: so the second start had not set it when it called bind(). It sets it too late, or not in every start.`;
}

const lacked = {
  on: 'they lack SO_REUSEADDR, though its listener had it when it was read',
  off: 'it was opened without SO_REUSEADDR (read from its listener)',
  'not read': 'whether it had set SO_REUSEADDR could not be read',
} as const;

function nowFails({ withReuseAddress }: Probe): string {
  return withReuseAddress === 'ok'
    ? 'A bind without the option fails now, and with it succeeds'
    : 'A bind without the option fails now, and with it too, because the remaining connections lack it';
}

function ownOption({ ownBind }: SecondStart): string {
  if (ownBind.state !== 'called' || ownBind.last.options === null) return '';
  return ` The second start called bind() ${ownBind.last.options.reuseAddress ? 'with' : 'without'} it.`;
}
