import { messageOf } from '../errors.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { openNamespace } from '../lab/hosts/namespace.ts';
import { Capture } from '../lab/recording/capture.ts';
import { Teardown } from '../lab/teardown.ts';
import { whyNotReadable, whyNotWatchable } from '../native/seccomp.ts';
import { closeDescriptor, openSocket } from '../native/socket.ts';
import { labelOf, type ObserverName, observerNames, openObserver } from '../observe/observers.ts';
import { type Need, whyUnmet } from '../scenario/needs.ts';
import { available, type Check, type Found, limited, missing, unless } from './check.ts';

/** Calls that Node does not offer. */
export const systemCalls: Check = {
  name: 'system calls (koffi)',
  costs: 'listeners without SO_REUSEADDR, private networks, captures, and restart: almost everything',
  look() {
    try {
      closeDescriptor(openSocket('127.0.0.1', 'blocking'));
      return available('socket(2) was called');
    } catch (error) {
      return missing(messageOf(error));
    }
  },
};

const observerCosts: Readonly<Partial<Record<ObserverName, string>>> = {
  ss: 'states and processes come from the next observer of this list, and no command of ss can be repeated by hand',
  proc: 'connections are not visible where ss and netstat are missing',
  sock_diag: 'why, watch and audit read the table by a program instead, which takes longer',
};

export const observers: readonly Check[] = observerNames.map((name) => ({
  name: `observer ${labelOf(name)}`,
  costs: observerCosts[name] ?? 'nothing while another observer is there',
  look: (signal) => tryObserver(name, signal),
}));

async function tryObserver(name: ObserverName, signal: AbortSignal): Promise<Found> {
  try {
    const observer = await openObserver(name, thisMachine, signal);
    // Nothing needs to listen there: the answer must be readable.
    await observer.read([1], signal);
    return available(observer.version ?? 'reads the table of sockets');
  } catch (error) {
    return missing(messageOf(error));
  }
}

const needCosts: Readonly<Record<Need, string>> = {
  namespace: 'scenarios that change settings, drop or replay packets are skipped',
  'two hosts': 'scenarios between two hosts are skipped, and so is --two-hosts',
  packets: 'captures (--packets, --pcap) and scenarios about segments are skipped',
  IPv6: 'runs with --host ::1, and the IPv6 half of the matrix',
  descriptors: 'scenarios with thousands of connections at once are skipped',
  'core dump': 'the scenario of a process that dumps core is skipped',
  'kernel types': 'the scenario that measures the memory of TIME_WAIT is skipped',
  'socket destruction': 'the scenarios that remove a TIME_WAIT by "ss -K" are skipped',
  tcp_migrate_req: 'the scenario that moves an accept queue to another listener is skipped',
};

export const needs: readonly Check[] = Object.entries(needCosts).map(([need, costs]) => ({
  name: need === 'namespace' ? 'private network (namespace)' : need,
  costs,
  look: async () => unless(await whyUnmet(need as Need), 'tried, and works'),
}));

/** How the states of a connection are followed between two readings of the table. */
export const transitions: Check = {
  name: 'every state of a connection',
  costs: 'with --packets, states shorter than a millisecond may be passed over',
  async look() {
    const teardown = new Teardown();
    try {
      const host = await openNamespace('a trial', teardown);
      const capture = await Capture.open([host], { depth: 'everything' }, teardown);
      const { states, whyNotHeld } = await capture.flush('ends');
      if (states === 'traced') return available("the kernel's tracepoints report each change");
      return whyNotHeld === null
        ? available('segments wait in a queue (nfnetlink_queue) until both ends are read')
        : limited(`the table is read often: ${whyNotHeld}`);
    } catch (error) {
      return missing(messageOf(error));
    } finally {
      await teardown.run();
    }
  },
};

export const watchedCalls: Check = {
  name: 'bind() and listen() of a command',
  costs: 'restart and run rely on the table of sockets, and miss a call between two readings',
  look: () =>
    unless(
      whyNotWatchable() ?? whyNotReadable(),
      'are watched by seccomp user notification, without privilege',
    ),
};
