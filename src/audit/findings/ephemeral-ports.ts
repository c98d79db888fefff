import { isLoopback } from '../../address.ts';
import { codeStep, type Step } from '../../diagnose/advice/step.ts';
import { many } from '../../many.ts';
import { formatSpan } from '../../time.ts';
import { makersOf } from '../facts/makers.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Culprit, Finding, FindingKind } from '../finding.ts';
import { culpritsOf, namesOf, whoHas } from '../parts/culprits.ts';
import { type Destination, destinationsOf, nameOfDestination, reuseOf } from '../parts/destinations.ts';
import { portRangeOf } from '../parts/port-range.ts';
import { reuseConnectionCode } from '../parts/remedies.ts';
import { sysctlStep } from '../parts/steps.ts';
import { formatRate } from '../parts/trend.ts';
import { pairsOf } from '../parts/words.ts';

/** Ephemeral ports towards one destination run short: connect() then fails with EADDRNOTAVAIL. */
export const ephemeralPorts: FindingKind = {
  name: 'ephemeral-ports',
  title: 'the ports towards a destination run out',
  find(facts) {
    const range = portRangeOf(facts.now.machine);
    if (range === null) return [];
    // A listener in the range blocks its port for clients (__inet_hash_connect() of Linux).
    const taken = [...facts.serverPorts].filter((port) => range.has(port));
    const size = range.size - taken.length;
    const short = destinationsOf(facts, range).filter((destination) => isShort(destination, size, facts));
    return Promise.all(short.map((destination, i) => findingOf(destination, size, i < searched, facts)));
  },
};

function isShort(destination: Destination, size: number, facts: Facts): boolean {
  const used = destination.ports.size - destination.reusable(facts);
  if ((used / size) * 100 >= facts.thresholds.portsUsed) return true;
  const lasts = lastsMs(destination, size, facts);
  // A burst of a second is not a rate.
  return lasts !== null && lasts <= facts.thresholds.portsLast && used >= size / 4;
}

// If new connections can take over TIME_WAITs, no rate uses up the ports.
function lastsMs(destination: Destination, size: number, facts: Facts): number | null {
  return reuseOf(destination.to.address, facts) === 'on' ? null : destination.lastsMs(size);
}

/** The number of destinations to search, because a search takes a second. */
const searched = 3;

async function findingOf(
  destination: Destination,
  size: number,
  search: boolean,
  facts: Facts,
): Promise<Finding> {
  const { ports, timeWaits, live, perSecond } = destination;
  const mostly = timeWaits >= live.length ? 'TIME_WAIT' : 'open';
  const makers = mostly === 'open' ? culpritsOf(live, facts) : await searchMakers(destination, search, facts);
  const used = ports.size;
  const reusable = destination.reusable(facts);
  const left = Math.max(0, size - used + reusable);
  const lasts = lastsMs(destination, size, facts);
  const taken = reusable === 0 ? '' : `, ${reusable} of which new connections may take over`;
  return {
    severity: 'wrong',
    weight: left === 0 ? 95 : 75 + (1 - left / size) * 15,
    what: `${used} of ${size} ports towards ${nameOfDestination(destination)} are in use (${timeWaits} in TIME_WAIT${taken}), ${left} left`,
    fault: {
      side: 'this side',
      processes: makers,
      because: mostly === 'TIME_WAIT' ? madeBy(makers, live, facts) : `${heldBy(live, facts)} at once`,
    },
    since: null,
    trend:
      perSecond > 0
        ? `${formatRate(perSecond)} closed here in the last 10 s`
        : 'none closed here in the last 10 s',
    cost: costOf(left, lasts, destination),
    steps: stepsFor(destination, mostly, facts),
    count: used,
    sockets: pairsOf(live),
    figures: { size, left, timeWaits, reusable, open: live.length, perSecond, lastsMs: lasts },
  };
}

/** TIME_WAIT belongs to no process: the process that makes and closes such connections is caught at the next one, or remains unknown. */
async function searchMakers(
  { from, to, perSecond, live }: Destination,
  search: boolean,
  facts: Facts,
): Promise<readonly Culprit[]> {
  const known = new Map(live.map((socket) => [socket.inode ?? 0, facts.holdersOf(socket)]));
  if (!search || perSecond === 0 || facts.now.searched === 'not yet') return [];
  return makersOf({ from, to, known }, facts.place, facts.signal);
}

function madeBy(makers: readonly Culprit[], live: readonly Socket[], facts: Facts): string {
  const does = 'opens a connection for each request and closes it first: each port then waits for 60 s';
  if (makers.length > 0) return `${namesOf(makers)} ${does}`;
  if (live.length === 0) return `a client here, which has none open now, ${does}`;
  const held = live.filter(({ inode }) => inode !== 0);
  return `a client here ${does}${held.length === 0 ? '' : `; ${heldBy(held, facts)}, and may have made them`}`;
}

function heldBy(sockets: readonly Socket[], facts: Facts): string {
  const verb = culpritsOf(sockets, facts).length > 1 ? 'have' : 'has';
  return `${whoHas(sockets, facts)} ${verb} ${many(sockets.length, 'connection')} open to it`;
}

function costOf(left: number, lasts: number | null, { freeInMs }: Destination): string {
  const back = freeInMs === null ? '' : `; the next port comes back ${soon(freeInMs)}`;
  if (left === 0) return `connect() to it fails now with EADDRNOTAVAIL${back}`;
  if (lasts === null) return `connect() to it fails with EADDRNOTAVAIL when they are used up${back}`;
  return `connect() to it fails with EADDRNOTAVAIL in ${formatSpan(lasts)} at this rate${back}`;
}

// The time is known to a second.
function soon(ms: number): string {
  return ms === 0 ? 'within 1 s' : `in ${formatSpan(ms)}`;
}

function stepsFor({ to }: Destination, mostly: 'TIME_WAIT' | 'open', facts: Facts): Step[] {
  const widen = sysctlStep('until then, allow more ports', 'net.ipv4.ip_local_port_range=1024 65535', facts);
  const first = codeStep(
    mostly === 'TIME_WAIT'
      ? 'keep connections alive and use them again'
      : 'open fewer at once: a pool with a limit, or more addresses on either side',
    reuseConnectionCode,
  );
  if (mostly === 'open') return [first, widen];
  switch (reuseOf(to.address, facts)) {
    case 'on':
      return [first, widen];
    case 'no timestamps':
      return [
        first,
        sysctlStep(
          'tcp_tw_reuse cannot help without timestamps: switch them on',
          'net.ipv4.tcp_timestamps=1',
          facts,
        ),
        widen,
      ];
    case 'off':
      return [
        first,
        sysctlStep(
          'until then, let new connections take over TIME_WAITs after a second: safe with timestamps, for outgoing connections only',
          `net.ipv4.tcp_tw_reuse=${isLoopback(to.address) ? '2' : '1'}`,
          facts,
        ),
        widen,
      ];
  }
}
