import { formatEndpoint } from '../../address.ts';
import { shorten, shortenCommand } from '../../shorten.ts';
import { pageWidth } from '../columns.ts';
import type { ListenersDocument } from '../documents/why-answers.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';
import { padColumns } from '../width.ts';

type Listener = ListenersDocument['listeners'][number];

/** Every listener on a separate line, by port. */
export function listingLines({ listeners, on, unseen, refused }: ListenersDocument, paint: Paint): string[] {
  const where = on === null ? [] : hang('', `looked at through "${on}"`).map((line) => paint.faint(line));
  if (listeners.length === 0) return ['nothing listens on a TCP or UDP port', ...where];
  const [programs, belong] =
    unseen === 1
      ? ['The program of 1 listener is', 'it belongs']
      : [`The programs of ${unseen} listeners are`, 'they belong'];
  const remedy = refused
    ? `run it ${on === null ? '' : 'there, '}as root`
    : `${belong} to the kernel or to another container`;
  const hidden = unseen === 0 ? [] : hang('', `${programs} not visible: ${remedy}`);
  return [
    ...where,
    ...listeners.flatMap((listener) => listenerLines(listener, paint)),
    ...(hidden.length === 0 ? [] : ['', ...hidden]),
    '',
    '"tcpclose why <port>" says more about one of them',
  ];
}

const nameWidth = 11;
const addressWidth = 17;

// A listener on all addresses of both families has both wildcards.
function listenerLines(
  { port, protocol, addresses, processes, user, waiting }: Listener,
  paint: Paint,
): string[] {
  const [first] = processes;
  const others = processes.length > 1 ? ` and ${processes.length - 1} more` : '';
  const queue = waiting === 0 ? '' : `, ${waiting} waiting to be accepted`;
  const at = addresses.map((address) => formatEndpoint({ address, port: 0 }).replace(/:\*$/, '')).join(' ');
  const head = `${paint.title(`${port}/${protocol}`.padEnd(nameWidth))} ${padColumns(at, addressWidth)} `;
  const taken = nameWidth + Math.max(addressWidth, at.length) + 2;
  const room = Math.max(20, pageWidth() - taken - others.length - queue.length);
  const by = first === undefined ? '' : `pid ${first.pid} `;
  const who =
    first === undefined
      ? shorten(`a process${user === null ? '' : ` of user ${user}`}`, room)
      : `${by}${shortenCommand(first.command, room - by.length)}`;
  const line = `${who}${others}${queue}`;
  if (at.length <= addressWidth) return [`${head}${line}`];
  return [
    head.trimEnd(),
    `${' '.repeat(nameWidth + addressWidth + 2)}${shorten(line, pageWidth() - nameWidth - addressWidth - 2)}`,
  ];
}
