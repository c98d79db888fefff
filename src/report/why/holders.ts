import { formatEndpoint } from '../../address.ts';
import { many } from '../../many.ts';
import { shorten, shortenCommand } from '../../shorten.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import type { WhyDocument } from '../documents/why.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';
import { widthOf } from '../width.ts';

type Holder = WhyDocument['holders'][number];
type Process = Holder['processes'][number];

/** The context in which all holders of a port are shown. */
export interface Printing {
  readonly port: number;
  readonly paint: Paint;
  /** `names`: only who has a socket, because a problem needs the space. */
  readonly detail: 'names' | 'what matters' | 'everything';
  /** The pids that are already listed: each is described once. */
  readonly printed: Set<number>;
}

export function holderLines(holder: Holder, printing: Printing): string[] {
  const { kind, state, count, addresses, remotes, meets, leftMs, mptcp } = holder;
  const { port, paint } = printing;
  const times = count === 1 ? '' : ` x${count}`;
  const local = addresses.map((address) => formatEndpoint({ address, port })).join(' ');
  const [remote] = remotes;
  const to = remote === undefined ? '' : ` > ${formatEndpoint(remote)}${count > 1 ? ' ...' : ''}`;
  const left = leftMs === null ? '' : `   ${count > 1 ? 'longest ' : ''}${formatSpan(leftMs)} left`;
  const role = `${mptcp == null ? '' : '   MPTCP'}${kind === 'client' ? '   outgoing' : ''}`;
  const aside = meets ? '' : '   (on other addresses)';
  const again = werePrinted(holder, printing);
  const options = again ? `pid ${holder.pids.join(', ')}` : optionsOf(holder);
  const line = `${state}${times}   ${local}${to}${role}${left}${aside}`;
  const fits = options === '' || widthOf(`${line}   ${options}`) <= pageWidth();
  // Coloured after it is cut to its width: colours have no width.
  const [first = '', ...others] = hang('', fits && options !== '' ? `${line}   ${options}` : line);
  const title = `${state}${times}`;
  return [
    paint.title(title) + first.slice(title.length),
    ...others.map((line) => `  ${line}`),
    ...(fits ? [] : [`  ${options}`]),
    ...ownerLines(holder),
    ...(again ? [] : processesLines(holder, printing)),
  ];
}

// Their processes are already shown above, and in the short form there is nothing else to say.
function werePrinted({ pids }: Holder, { printed, detail }: Printing): boolean {
  return (
    detail !== 'everything' && pids.length > 0 && pids.length <= 3 && pids.every((pid) => printed.has(pid))
  );
}

function ownerLines({ owner, user, reuseAddress, waitingFor, count, mptcp }: Holder): string[] {
  if (waitingFor !== null) {
    const wait = count === 1 ? 'it waits' : 'they wait';
    return [`  no process yet: ${wait} in the queue of the listener to be accepted`];
  }
  if (owner === 'none') {
    const option =
      reuseAddress === null ? '' : ` (SO_REUSEADDR ${reuseAddress ? 'on' : 'off'}, inferred from the bind)`;
    const until = mptcp === 'left' ? ' until the other side closes' : '';
    return [`  no process: held by the kernel${until}${option}`];
  }
  if (owner === 'unseen')
    return [`  a process${user === null ? '' : ` of user ${user}`} that you may not inspect`];
  return [];
}

function optionsOf({ owner, reuseAddress, reusePort, kind, receiveQueue }: Holder): string {
  const queue = kind === 'listener' && receiveQueue > 0 ? [`${receiveQueue} waiting to be accepted`] : [];
  const known = owner === 'process' && reuseAddress !== null;
  const options = known
    ? [`SO_REUSEADDR ${onOrOff(reuseAddress)}`, `SO_REUSEPORT ${onOrOff(reusePort)}`]
    : [];
  return [...options, ...queue].join(', ');
}

function onOrOff(value: boolean | null): string {
  return value === null ? 'differs' : value ? 'on' : 'off';
}

const shownProcesses = 3;

function processesLines({ processes, processCount, pids }: Holder, printing: Printing): string[] {
  if (pids.length > 0 && pids.every((pid) => printing.printed.has(pid)))
    return hang('  pid ', processes.map(({ pid }) => pid).join(', '));
  const shown = printing.detail === 'everything' ? processes : processes.slice(0, shownProcesses);
  const more = processCount - shown.length;
  const lines = shown.flatMap((process) => processLines(process, printing));
  for (const pid of pids) printing.printed.add(pid);
  return [...lines, ...(more > 0 ? [`  and ${more} more ${more === 1 ? 'process' : 'processes'}`] : [])];
}

export function processLines(process: Process, printing: Printing): string[] {
  const { pid, command, user, since, origins, condition } = process;
  if (printing.printed.has(pid)) return [];
  const facts = [
    ...(condition === 'runs' ? [] : [conditions[condition]]),
    ...(user === null ? [] : [`user ${user}`]),
    ...(since === null ? [] : [`since ${since.replace('T', ' ')} (${ago(since)})`]),
  ];
  const long = printing.detail === 'everything';
  if (printing.detail === 'names') {
    const name = `  pid ${pid} ${shortenCommand(command, pageWidth() - 30)}`;
    return [condition === 'runs' ? name : `${name}, ${condition}`];
  }
  return [
    ...hang('  ', `pid ${pid} ${shortenCommand(command, long ? 200 : pageWidth() - 12)}`),
    ...(facts.length === 0 ? [] : hang('    ', facts.join(', '))),
    ...origins.flatMap(({ kind, name }) => hang('    ', `${kind} ${shorten(name, long ? 200 : 60)}`)),
    ...chainLines(process, printing),
  ];
}

const conditions = {
  stopped: 'stopped (it does nothing until it is continued)',
  'in a debugger': 'held by a debugger',
  ending: 'ending',
  'dumping core': 'writing a core dump',
} as const;

const shownAncestors = 2;

// The same ancestors are listed once, shortened to those that started it.
function chainLines({ parents }: Process, { detail, printed }: Printing): string[] {
  const known = parents.findIndex(({ pid }) => printed.has(pid));
  const fresh = parents.slice(0, known === -1 ? undefined : known + 1);
  const shown = detail === 'everything' ? fresh : fresh.slice(0, shownAncestors);
  if (shown.length === 0) return [];
  for (const { pid } of shown) printed.add(pid);
  const width = detail === 'everything' ? 40 : 26;
  const chain = shown.map((parent) => `${parent.pid} ${shortenCommand(parent.command, width)}`).join(' < ');
  return hang('    started by ', chain);
}

function ago(since: string): string {
  const seconds = Math.max(0, (Date.now() - Date.parse(since)) / 1000);
  const days = Math.floor(seconds / 86_400);
  if (days > 0) return `${many(days, 'day')}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)} h` : formatSpan(Math.max(1, seconds) * 1000);
}

export function elsewhereLines(
  { process, sees, addresses }: WhyDocument['elsewhere'][number],
  printing: Printing,
): string[] {
  const { port, paint } = printing;
  const local = addresses.map((address) => formatEndpoint({ address, port })).join(' ');
  return [
    `${paint.title('LISTEN')}   ${local}   in another network namespace`,
    ...(sees === 'the listener' ? [] : ['  its process cannot be seen; this one runs there too:']),
    ...processLines(process, printing),
  ];
}
