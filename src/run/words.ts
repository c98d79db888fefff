import { describeErrno } from '../native/errno.ts';
import { shorten } from '../shorten.ts';
import { formatSpan } from '../time.ts';
import { placeOfCall } from './classify.ts';
import type { FailedBind, PortHolder } from './failed-bind.ts';

type Saying = Pick<FailedBind, 'text' | 'remedy'>;
type Facts = Omit<FailedBind, keyof Saying | 'times' | 'atMs'>;

const longestCommand = 60;

/** What happened, and what to do about it. */
export function wordsOf(facts: Facts): Saying {
  const { text, remedy } = sayingOf(facts);
  const errno = facts.result === 'failed' ? 'failed' : `fails: ${describeErrno(facts.result)}`;
  const who = `pid ${facts.pid} (${nameOf(facts.command)})`;
  return {
    text: `${facts.call} of ${who} to ${placeOfCall(facts)} ${errno}: ${facts.seen === 'while it waited' ? '' : 'right after it, '}${text}${gapOf(facts)}`,
    remedy,
  };
}

function sayingOf(facts: Facts): Saying {
  const { kind, holders, leftovers, reuseAddress, result } = facts;
  const [first] = holders;
  switch (kind) {
    case 'same process':
      return {
        text: `the same process already has the port${since(first)}`,
        remedy: 'close the first server before the second listens, or give each its own port (port 0)',
      };
    case 'earlier start':
      return {
        text: `an earlier start of the same command still has the port: ${holdersOf(holders)}`,
        remedy: 'wait for the end of the earlier process before the next is started',
      };
    case 'this run':
      return {
        text: `another process of this run has the port: ${holdersOf(holders)}`,
        remedy: 'let each listen on port 0 and read the port that it got, or run the two one after the other',
      };
    case 'outside':
      return {
        text: `a process outside this run has the port: ${holdersOf(holders)}`,
        remedy: `end it ("tcpclose why ${facts.port ?? ''}" shows how), or listen on another port`,
      };
    case 'outgoing connection':
      return {
        text: `an outgoing connection uses it as its local port: ${holdersOf(holders)}`,
        remedy:
          'listen on a port outside net.ipv4.ip_local_port_range, or reserve it with net.ipv4.ip_local_reserved_ports',
      };
    case 'leftover':
      return {
        text: `the kernel keeps ${countOf(leftovers)} of earlier connections on it, and SO_REUSEADDR is ${reuseAddress === null ? 'unknown' : reuseAddress ? 'on' : 'off'}`,
        remedy: reuseAddress
          ? 'also set SO_REUSEADDR in the program that left them, or wait until they are gone'
          : 'set SO_REUSEADDR before bind()',
      };
    case 'file exists':
      return {
        text: 'a file with that name already exists',
        remedy: 'remove the file of a server that has ended before bind(), or use another path',
      };
    case 'refused':
      return refusal(result);
    case 'unknown':
      return {
        text: holders.length > 0 ? holdersOf(holders) : 'who had it could not be seen',
        remedy: 'run it as root, which sees the sockets of other users',
      };
  }
}

function refusal(result: string): Saying {
  switch (result) {
    case 'EACCES':
      return {
        text: 'this user may not bind it',
        remedy:
          'use a port from net.ipv4.ip_unprivileged_port_start on, or give the program CAP_NET_BIND_SERVICE',
      };
    case 'EADDRNOTAVAIL':
      return {
        text: 'no interface of this machine has that address',
        remedy: 'bind an address that "ip address" shows, or the wildcard',
      };
    case 'EINVAL':
      return { text: 'the socket is already bound', remedy: 'make a new socket for each bind()' };
    default:
      return {
        text: 'the reason could not be seen',
        remedy: 'read what the program prints, or trace it with strace -f -e trace=bind,listen',
      };
  }
}

const shownHolders = 3;

function holdersOf(holders: readonly PortHolder[]): string {
  const shown = holders.slice(0, shownHolders).map((holder) => {
    const { pid, command, states } = holder;
    return `pid ${pid} ${nameOf(command)} (${states.join(', ')})${since(holder)}`;
  });
  const more = holders.length - shown.length;
  return shown.join('; ') + (more > 0 ? ` and ${more} more` : '');
}

// The name of a program without its folder, which says less than the arguments.
function nameOf(command: string): string {
  return shorten(command.replace(/^\S*\/(?=\S)/, ''), longestCommand);
}

function since(holder: PortHolder | undefined): string {
  if (holder === undefined || holder.boundMsBefore === null) return '';
  return `, bound ${formatSpan(holder.boundMsBefore)} before`;
}

function countOf(states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} in ${state}`).join(', ');
}

function gapOf({ asked, pid }: Facts): string {
  if (asked === null) return '';
  const who = asked.pid === pid ? 'This process' : `Pid ${asked.pid}`;
  const before = `${formatSpan(asked.msBefore)} earlier`;
  return asked.port === 'seen'
    ? `. ${who} had been given that port as a free one ${before}, and closed it again: another process took it in the gap`
    : `. ${who} had asked for a free port ${before}, and closed it again at once: if it was given this one, another process took it in the gap`;
}
