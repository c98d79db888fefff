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
import { faultHere } from '../parts/culprits.ts';
import { continueStep, endStep, findProcessStep, inheritedSteps, processStep } from '../parts/steps.ts';
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
  const isHere = facts.place.procNet !== undefined;
  const looks = facts.holdersOf(listener).map(async ({ pid, fd }) => {
    const process = facts.process(pid);
    if (process === undefined) return [];
    return { process, acceptance: await acceptanceOf(process, isHere ? fd : undefined, facts.signal) };
  });
  const acceptances = (await Promise.all(looks)).flat();
  return {
    severity: 'wrong',
    weight: (full ? 90 : 60) + Math.min(length, 1000) / 200,
    what: `${many(length, 'connection')} of at most ${limit + 1} ${length === 1 ? 'waits' : 'wait'} in the accept queue of ${formatEndpoint(local)}${waitText(since)}`,
    fault: faultHere([listener], facts, (who) =>
      late ? becauseOf(acceptances, who) : `${who} accepts more slowly than clients connect`,
    ),
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
  const processes = holders.map(({ process }) => process);
  const stopped = holders.flatMap(({ process, acceptance }) =>
    acceptance.state === 'stopped' ? process : [],
  );
  if (stopped.length > 0) return [continueStep(stopped, facts)];
  if (!late) {
    return [
      step('accept faster: more processes or threads, less work before the next accept()'),
      step(
        `a longer queue hides bursts: a greater backlog in listen(), now ${limit}, up to net.core.somaxconn`,
      ),
    ];
  }
  const more = full ? [step(`a longer queue does not help while no process accepts (backlog ${limit})`)] : [];
  const [first] = processes;
  if (first === undefined) return [findProcessStep(facts)];
  if (holders.every(({ acceptance }) => acceptance.state === 'elsewhere')) {
    return [...inheritedSteps(processes, facts), ...more];
  }
  const stack = ['cat', `/proc/${first.pid}/wchan`, `/proc/${first.pid}/stack`];
  return [
    processStep('see what it does', processes, stack, facts),
    endStep('if it does not come back, restart it', processes, facts),
    ...more,
  ];
}
