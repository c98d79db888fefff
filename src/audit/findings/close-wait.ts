import { codeStep, type Step, step } from '../../diagnose/advice/step.ts';
import type { Condition } from '../../diagnose/process-facts.ts';
import { fewestLeaked } from '../../diagnose/situation/leaks.ts';
import { groupBy } from '../../group.ts';
import { many } from '../../many.ts';
import { formatSpan } from '../../time.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { byAge, quietFor } from '../parts/ages.ts';
import { byHolders, conditionOf, culpritsOf, faultHere } from '../parts/culprits.ts';
import { Growth } from '../parts/growth.ts';
import { closeCode } from '../parts/remedies.ts';
import { continueStep, endStep, findProcessStep, processStep } from '../parts/steps.ts';
import { formatRate, stays } from '../parts/trend.ts';
import { endsOf, pairsOf } from '../parts/words.ts';

/** CLOSE_WAIT that stays: the other side has closed, but the process here has not (RFC 9293, figure 5). */
export const closeWait: FindingKind = {
  name: 'close-wait',
  title: 'a process does not close connections that the other side has closed',
  find(facts) {
    const waiting = facts.connections.filter((socket) => isWaiting(socket, facts));
    const growth = new Growth(facts);
    return byHolders(waiting, facts).flatMap((owned) =>
      [...groupBy(owned, (socket) => howLeft(socket, facts))].flatMap(([how, sockets]) => {
        const isStaying = (socket: Socket) => (quietFor(socket)?.ms ?? 0) >= facts.thresholds.closeWaitNote;
        const isAnyLeft = sockets.some((socket) => isLeft(socket, facts));
        // Beside a connection that is left, the younger ones are part of the leak.
        if (isAnyLeft) {
          const leak = sockets.filter((socket) => isLeft(socket, facts) || isStaying(socket));
          return [findingOf(how, 'left', leak, growth, facts)];
        }
        const young = sockets.filter(isStaying);
        const fewest = how === 'unused' ? smallPool : fewestLeaked;
        return young.length < fewest ? [] : [findingOf(how, 'young', young, growth, facts)];
      }),
    );
  },
};

// Without an inode it waits in an accept queue, which is a separate finding.
function isWaiting(socket: Socket, facts: Facts): boolean {
  return socket.state === 'CLOSE_WAIT' && socket.inode !== 0 && stays(socket, facts);
}

function isLeft(socket: Socket, facts: Facts): boolean {
  const age = quietFor(socket);
  if (age === null) return false;
  const { closeWaitAge } = facts.thresholds;
  if (age.ms >= closeWaitAge) return true;
  // The answers to keep-alive hide the age of the FIN. A connection that stays, and has not moved for this long, is left.
  const { lastDataReceivedMs = 0, lastDataSentMs = 0 } = socket.movement ?? {};
  const quietMs = Math.min(lastDataReceivedMs, lastDataSentMs);
  return age.precision === 'at least' && facts.before !== null && quietMs >= closeWaitAge;
}

type How = 'leaked' | 'hung' | 'unused';

/** The FIN counts as one unread byte (tcp_fin() and tcp_diag_get_info() of Linux). */
function howLeft(socket: Socket, facts: Facts): How {
  if (socket.receiveQueue === 0) return 'leaked';
  return socket.receiveQueue === 1 && !facts.isServer(socket) ? 'unused' : 'hung';
}

// A pool of idle connections may hold a few that the server has closed, and notices that at their next use.
const smallPool = 10;

/** `left`: at an age that only forgotten connections reach; `young`: it may still be closed. */
type Age = 'left' | 'young';

function findingOf(how: How, age: Age, group: readonly Socket[], growth: Growth, facts: Facts): Finding {
  const { sockets, since, aged } = byAge(group, quietFor);
  const condition = conditionOf(sockets, facts);
  const trend = growth.trendOf(sockets[0]);
  const isUsual =
    age === 'young'
      ? !(sockets.length >= fewestLeaked && growth.isAPile(trend))
      : how === 'unused' && sockets.length < smallPool && condition === 'runs';
  const what = aged(
    `${many(sockets.length, 'connection')} in CLOSE_WAIT${how === 'leaked' ? '' : ', not read'} (${endsOf(sockets, facts)})`,
  );
  return {
    severity: isUsual ? 'note' : 'wrong',
    weight: 50 + Math.min(sockets.length, 1000) / 25,
    what,
    fault: faultHere(sockets, facts, (who) => because(how, condition, who, isUsual)),
    since,
    trend: trend?.text ?? recent(sockets),
    cost: age === 'young' && isUsual ? ifTheyStay(facts) : costOf(sockets, trend?.perSecond ?? 0, facts),
    steps: [
      ...(age === 'young' && isUsual
        ? [step('see whether their number grows', facts.shell.tcpclose('own', 'audit', '--for', '30s'))]
        : []),
      ...stepsFor(how, condition, sockets, facts),
    ],
    count: sockets.length,
    sockets: pairsOf(sockets),
    figures: { unread: sockets.filter(({ receiveQueue }) => receiveQueue > 0).length },
  };
}

function ifTheyStay({ thresholds }: Facts): string {
  return `they count as left from ${formatSpan(thresholds.closeWaitAge)} on (--close-wait-age), or if their number grows between two readings (--for)`;
}

function because(how: How, condition: Condition, who: string, isUsual: boolean): string {
  if (condition === 'stopped') return `the other side closed, and ${who} is stopped`;
  if (condition === 'in a debugger') return `the other side closed, and ${who} is stopped by a debugger`;
  switch (how) {
    case 'leaked':
      return `the other side closed, and ${who} has read the end, but has not called close(): it leaks them${isUsual ? ', unless it still works on them' : ''}`;
    case 'hung':
      return `the other side closed, and ${who} has not read what came: it hangs, or has forgotten them`;
    case 'unused':
      return `the server closed, and ${who} has not read the end: it keeps them in a pool, or has forgotten them`;
  }
}

const minuteMs = 60_000;

function recent(sockets: readonly Socket[]): string | null {
  const young = sockets.filter((socket) => (quietFor(socket)?.ms ?? 0) < 2 * minuteMs).length;
  return young === 0 ? 'no new ones in the last 2 minutes' : `${young} of them in the last 2 minutes`;
}

function costOf(sockets: readonly Socket[], perSecond: number, facts: Facts): string | null {
  const [holder] = culpritsOf(sockets, facts);
  const { descriptors = null, descriptorLimit = null } = facts.process(holder?.pid ?? 0) ?? {};
  if (descriptors === null || descriptorLimit === null) return null;
  const uses = `pid ${holder?.pid} uses ${descriptors} of ${descriptorLimit} descriptors`;
  if (perSecond <= 0) return `each holds a descriptor: ${uses}`;
  const lastsMs = ((descriptorLimit - descriptors) / perSecond) * 1000;
  return `${uses}: at ${formatRate(perSecond)} accept(), connect() and open() fail with EMFILE in ${formatSpan(lastsMs)}`;
}

function stepsFor(how: How, condition: Condition, sockets: readonly Socket[], facts: Facts): readonly Step[] {
  const culprits = culpritsOf(sockets, facts);
  const [first] = culprits;
  if (first === undefined) return [findProcessStep(facts)];
  if (condition === 'stopped') return [continueStep(culprits, facts)];
  const end = endStep('until it is fixed, end it, which closes its connections', culprits, facts);
  switch (how) {
    case 'leaked':
      return [codeStep('fix it: close() each connection when its other side ends', closeCode), end];
    case 'hung':
      return [
        processStep('see what it waits for', culprits, ['cat', `/proc/${first.pid}/wchan`], facts),
        codeStep('fix it: read until the end, and then close()', closeCode),
        end,
      ];
    case 'unused':
      return [step('give the pool an idle timeout that is shorter than the server’s'), end];
  }
}
