import { formatEndpoint } from '../../src/address.ts';
import { groupBy } from '../../src/group.ts';
import type { Transition } from '../../src/observe/packets/transitions.ts';

/** A state that the tracepoints tell, how long it lasted, and whether whoever asked has seen it. */
export interface HeldState {
  readonly side: string;
  readonly state: string;
  readonly lastedMs: number;
  readonly seen: boolean;
}

const sideOf = ({ local, remote }: Transition) => `${formatEndpoint(local)} ${formatEndpoint(remote)}`;

/** Every state that a full socket entered and left again, by the tracepoints, held against what was seen by asking. */
export function heldStates(asked: readonly Transition[], traced: readonly Transition[]): HeldState[] {
  const seenOf = groupBy(asked, sideOf);
  return [...groupBy(traced, sideOf)].flatMap(([side, told]) =>
    told.slice(1).flatMap((left, i) => {
      const entered = told[i];
      // A full socket is in SYN_RECV while the kernel makes it of a request, which was in that state before; no trace tells of that.
      if (entered === undefined || entered.to === null || entered.to === 'SYN_RECV') return [];
      const seen = (seenOf.get(side) ?? []).some(
        ({ to, at }) => to === entered.to && at >= entered.at && at <= left.at + 1,
      );
      return [{ side, state: entered.to, lastedMs: left.at - entered.at, seen }];
    }),
  );
}

/** The changes that were seen and are not what the tracepoints say of that time; there should be none. */
export function contradictions(asked: readonly Transition[], traced: readonly Transition[]): string[] {
  const toldOf = groupBy(traced, sideOf);
  return asked.flatMap((seen) => {
    const told = toldOf.get(sideOf(seen)) ?? [];
    const { from, to, at } = seen;
    const notBefore = seen.notBefore ?? Number.NEGATIVE_INFINITY;
    // A traced time has microseconds.
    const inWindow = told.filter((one) => one.at >= notBefore - 0.002 && one.at <= at + 0.002);
    const small = (state: string | null) => state === 'TIME_WAIT' || state === 'FIN_WAIT2';
    // What the tracepoints do not tell: the request of a connection that is not accepted, and what is left of a full socket.
    if (to === 'SYN_SENT' || to === 'SYN_RECV' || small(from)) return [];
    const entered = inWindow.some((one) => one.to === to || (one.to === null && small(to)));
    const account = told.map((one) => `${one.from} > ${one.to} at ${one.at}`).join(', ');
    return entered ? [] : [`${sideOf(seen)} ${from} > ${to} from ${notBefore} to ${at}, and not ${account}`];
  });
}
