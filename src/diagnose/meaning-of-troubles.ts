import { formatEndpoint } from '../address.ts';
import { type Redirect, takenBy } from '../observe/nat/redirects.ts';
import { formatSpan } from '../time.ts';
import { nameOf } from './advice/stop.ts';
import type { Holder } from './diagnosis.ts';
import { type Leak, leftMs } from './situation/leaks.ts';
import type { FullQueue } from './situation/queues.ts';
import type { Shadow } from './situation/shadows.ts';
import { makerOf, type Shortage } from './situation/shortages.ts';
import type { Trouble } from './situation/situation.ts';

/** What was found, with its numbers and its cause, in a sentence or two. */
export function meaningOfTrouble(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'redirected':
      return ofRedirects(trouble.redirects);
    case 'out of ports':
      return ofShortage(trouble.shortage);
    case 'leaking':
      return ofLeak(trouble.leak);
    case 'overflowing':
      return ofQueue(trouble.queue);
    case 'shadowed':
      return ofShadow(trouble.shadow);
  }
}

function ofRedirects(redirects: readonly Redirect[]): string {
  const targets = [...new Set(redirects.map(({ to }) => to))].join(' and ');
  return `NAT sends ${takenBy(redirects, 'connections', 'of')} to this port to ${targets} before any listener here gets them (${redirects[0]?.text}). A bind is not affected: a server can have the port, and may get no clients.`;
}

function ofShortage(shortage: Shortage): string {
  const { remote, address, used, inTimeWait, ports, process, ofProcess, reuses } = shortage;
  const maker = makerOf(shortage);
  const who = maker === null ? 'A program of this machine' : nameOf(maker);
  const other =
    maker !== null || process === null
      ? ''
      : ` ${nameOf(process)} has ${ofProcess} of them open, and may have made the others.`;
  const waiting = inTimeWait === 0 ? '' : `, ${inTimeWait} of them in TIME_WAIT`;
  const left = Math.max(0, ports - (reuses ? used - inTimeWait : used));
  const most = left === 0 ? 'none is left' : `${left} ${left === 1 ? 'is' : 'are'} left at most`;
  return `From ${address} to ${formatEndpoint(remote)} ${used} of ${ports} ports of ip_local_port_range are in use${waiting}: ${most}. Without one connect() fails with EADDRNOTAVAIL. ${who} makes these connections; those to other destinations are not affected.${other}`;
}

function ofLeak({ count, unread, side, process, oldestMs, newestMs, remote, descriptors }: Leak): string {
  const who = process === null ? 'a process that is not visible' : nameOf(process);
  const ages = oldestMs === null || newestMs === null ? '' : `, ${spanText(newestMs, oldestMs)} ago`;
  const fds =
    descriptors.length === 0
      ? ''
      : ` (descriptors ${descriptors.join(', ')}${count > descriptors.length ? ' ...' : ''})`;
  const peers = side === 'server' ? 'clients' : `the service at ${formatEndpoint(remote)}`;
  const isCertain = oldestMs === null || oldestMs >= leftMs;
  const how =
    unread === 0
      ? `It has read the end of them and ${isCertain ? 'forgets to close() them' : 'has not called close(): it leaks them, unless it still works on them'}.`
      : unread === count
        ? 'It has not read their end: it hangs, or does not read them any more.'
        : `It has not read the end of ${unread} of them, and has ${isCertain ? 'forgotten to close()' : 'not closed'} the others.`;
  return `${who} still has ${count} connections${fds} that ${peers} closed${ages}. ${how} No timer ends CLOSE_WAIT: they stay until it closes them or ends, and take its descriptors.`;
}

/** `8.2 s to 10 s`, or `10 s` if both are equal. */
function spanText(newestMs: number, oldestMs: number): string {
  const [newest, oldest] = [formatSpan(newestMs), formatSpan(oldestMs)];
  return newest === oldest ? oldest : `${newest} to ${oldest}`;
}

function ofQueue({ address, waiting, limit, process }: FullQueue): string {
  const who = process === null ? 'the listener' : nameOf(process);
  const why =
    process?.condition === 'stopped'
      ? 'it is stopped'
      : process?.condition === 'in a debugger'
        ? 'a debugger holds it'
        : 'it hangs, is too slow, or another process has inherited the listener';
  return `The accept queue of ${who} on ${address} is full: ${waiting} connections wait, and its limit is ${limit}. It does not accept them: ${why}. The kernel drops what new clients send, so they see a timeout, although the port is open.`;
}

function ofShadow({ one, other, by }: Shadow): string {
  const rule =
    by === 'family'
      ? 'localhost is both 127.0.0.1 and ::1: which program answers depends on the address that a client tries first.'
      : 'The specific address wins for clients that use it; all others reach the program on all addresses.';
  return `Two programs listen on this port: ${whoHas(one)}, and ${whoHas(other)}. ${rule}`;
}

function whoHas({ addresses, processes, user }: Holder): string {
  const [first] = processes;
  const who = first === undefined ? `a process of ${user ?? 'another user'}` : nameOf(first);
  return `${who} on ${addresses.join(' ')}`;
}
