import { formatEndpoint } from '../../address.ts';
import { type Step, step } from '../../diagnose/advice/step.ts';
import { nameOf } from '../../diagnose/advice/stop.ts';
import { groupBy } from '../../group.ts';
import { many } from '../../many.ts';
import type { AuditedProcess } from '../facts/processes.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Ages, Finding, FindingKind } from '../finding.ts';
import { type Acceptance, acceptanceOf } from '../parts/acceptance.ts';
import { type Age, agesOf, formatLong } from '../parts/ages.ts';
import { culpritsOf, whoHas } from '../parts/culprits.ts';
import { unattendedIn } from '../parts/unattended.ts';
import { pairsOf } from '../parts/words.ts';

/** Connections that wait in an accept queue because the process of the listener does not accept them; or that would wait if they came. */
export const acceptQueue: FindingKind = {
  name: 'accept-queue',
  title: 'a listener does not accept',
  async find(facts) {
    const waiting = groupBy(
      facts.now.table.connections.filter(({ inode, state }) => inode === 0 && queued.includes(state)),
      ({ local }) => local.port,
    );
    const looked = await Promise.all(
      facts.listeners.map(async (listener) => {
        const queue = listener.receiveQueue > 0 ? queueOf(listener, waiting) : null;
        return { listener, finding: queue && (await findingOf(listener, queue, facts)) };
      }),
    );
    const quiet = looked.flatMap(({ listener, finding }) => (finding === null ? [listener] : []));
    return [...looked.flatMap(({ finding }) => finding ?? []), ...(await unattendedIn(quiet, facts))];
  },
};

const queued = ['ESTABLISHED', 'CLOSE_WAIT'];

function queueOf(
  { local, family }: Socket,
  waiting: ReadonlyMap<number, readonly Socket[]>,
): readonly Socket[] {
  const wildcard = local.address === '::' || (local.address === '0.0.0.0' && family === 'IPv4');
  return (waiting.get(local.port) ?? []).filter(
    (socket) => wildcard || socket.local.address === local.address,
  );
}

/** The time since the handshake ended, because nothing has been sent on the connection since then. */
function waitingFor({ movement }: Socket): Age | null {
  return movement === null ? null : { ms: movement.lastDataSentMs, precision: 'exact' };
}

async function findingOf(listener: Socket, queue: readonly Socket[], facts: Facts): Promise<Finding | null> {
  const { receiveQueue: length, backlog: limit, local } = listener;
  const since = agesOf(queue.map(waitingFor));
  const before = facts.before === null ? null : (facts.listenerBefore(listener)?.receiveQueue ?? 0);
  const full = limit > 0 && length > limit;
  const late = since !== null && since.oldestMs >= facts.thresholds.acceptAge;
  // A queue that was full at both looks, without a connection that waits for long, is overloaded.
  const overloaded = full && before !== null && before > limit;
  if (!late && !overloaded) return null;
  const holders = facts.holdersOf(listener).flatMap(({ pid, fd }) => {
    const process = facts.process(pid);
    return process === undefined ? [] : [{ process, fd }];
  });
  const acceptances = await Promise.all(
    holders.map(async ({ process, fd }) => ({
      process,
      acceptance:
        fd === undefined || facts.place.procNet === undefined
          ? unread(process)
          : await acceptanceOf(process, fd, facts.signal),
    })),
  );
  const who = whoHas([listener], facts);
  return {
    severity: 'wrong',
    weight: (full ? 90 : 60) + Math.min(length, 1000) / 200,
    what: `${many(length, 'connection')} of at most ${limit + 1} ${length === 1 ? 'waits' : 'wait'} in the accept queue of ${formatEndpoint(local)}${waitText(since)}`,
    fault: {
      side: 'this side',
      processes: culpritsOf([listener], facts),
      because: late ? becauseOf(acceptances, who) : `${who} accepts more slowly than clients connect`,
    },
    since,
    trend: before === null ? null : `${before} at the first reading`,
    cost: full
      ? 'the queue is full: SYNs are dropped, and new clients wait seconds or time out'
      : 'these clients are connected, and get no answer',
    steps: stepsFor(acceptances, limit, { full, late }, facts),
    count: length,
    sockets: pairsOf(queue),
    figures: { limit, length },
  };
}

function unread({ condition }: AuditedProcess): Acceptance {
  return condition === 'runs' ? { state: 'unknown' } : { state: 'stopped', condition };
}

function waitText(since: Ages | null): string {
  return since === null ? '' : `, the oldest for ${formatLong(since.oldestMs)}`;
}

interface Holder {
  readonly process: AuditedProcess;
  readonly acceptance: Acceptance;
}

function becauseOf(holders: readonly Holder[], who: string): string {
  const [first] = holders;
  if (first === undefined) return `${who} has the listener, and does not accept`;
  if (holders.every(({ acceptance }) => acceptance.state === 'elsewhere')) {
    return `${who} has the listener open, and waits for something else: it has inherited it, or has stopped accepting`;
  }
  const worker = holders.find(({ acceptance }) => acceptance.state !== 'elsewhere') ?? first;
  const name = nameOf(worker.process);
  switch (worker.acceptance.state) {
    case 'stopped':
      return worker.acceptance.condition === 'in a debugger'
        ? `${name} is stopped by a debugger`
        : `${name} is stopped (SIGSTOP or Ctrl-Z)`;
    case 'busy':
      return `${name} is busy with something else: it runs all the time, and does not come back to accept()`;
    case 'waits':
      return `${name} watches the listener, and does not call accept(): it may have reached a limit of connections or of descriptors`;
    case 'elsewhere':
    case 'unknown':
      return `${name} does not call accept(): it hangs, or waits for something else`;
  }
}

function stepsFor(
  holders: readonly Holder[],
  limit: number,
  { full, late }: { readonly full: boolean; readonly late: boolean },
  facts: Facts,
): Step[] {
  const rights = (held: readonly Holder[]) => facts.shell.rightsOver(held.map(({ process }) => process.uid));
  const pids = (held: readonly Holder[]) => held.map(({ process }) => String(process.pid));
  const stopped = holders.filter(({ acceptance }) => acceptance.state === 'stopped');
  const inherited = holders.filter(({ acceptance }) => acceptance.state === 'elsewhere');
  if (stopped.length > 0) {
    return [step('continue it', facts.shell.command(rights(stopped), ['kill', '-CONT', ...pids(stopped)]))];
  }
  if (!late) {
    return [
      step('accept faster: more processes or threads, less work before the next accept()'),
      step(
        `a longer queue hides bursts: a greater backlog in listen(), now ${limit}, up to net.core.somaxconn`,
      ),
    ];
  }
  const more = full ? [step(`a longer queue does not help while no process accepts (backlog ${limit})`)] : [];
  if (inherited.length > 0 && inherited.length === holders.length) {
    return [
      step(
        'if the server has ended, end what has inherited its listener, and start the server again',
        facts.shell.command(rights(inherited), ['kill', ...pids(inherited)]),
      ),
      step('fix it: set close-on-exec on the listener, or close it in the child'),
      ...more,
    ];
  }
  const [first] = pids(holders);
  if (first === undefined) return [step('find the process as root', facts.shell.tcpclose('root', 'audit'))];
  return [
    step(
      'see what it does',
      facts.shell.command(rights(holders), ['cat', `/proc/${first}/wchan`, `/proc/${first}/stack`]),
    ),
    step(
      'if it does not come back, restart it',
      facts.shell.command(rights(holders), ['kill', ...pids(holders)]),
    ),
    ...more,
  ];
}
