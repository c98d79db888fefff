import type { Place } from '../../observe/place.ts';
import { sleep } from '../../time.ts';
import { Ages } from './ages.ts';
import { type Condition, holds } from './condition.ts';
import { Pace } from './pace.ts';
import { openPortReader } from './port-reader.ts';
import { Flow, type Rates } from './rates.ts';
import { type Remotes, remotesOf } from './remotes.ts';
import { sameTable, type Table, tableOf } from './table.ts';
import { type ByKey, byKey, type Transition, transitionsBetween } from './transitions.ts';

/** What happens while a port is watched. `atMs` counts from the start. */
export type WatchEvent =
  | { readonly type: 'started'; readonly atMs: number; readonly port: number | null; readonly way: string }
  /** All changes seen in one look. */
  | { readonly type: 'transitions'; readonly atMs: number; readonly transitions: readonly Transition[] }
  /** After every look; `changed` says whether anything but the time left has changed. */
  | {
      readonly type: 'table';
      readonly atMs: number;
      readonly table: Table;
      readonly changed: boolean;
      readonly rates: Rates | null;
      readonly remotes: Remotes;
    }
  | { readonly type: 'finished'; readonly atMs: number; readonly reason: WatchEnd };

export type WatchEnd = 'until' | 'for' | 'interrupted';

interface WatchOptions {
  readonly place: Place;
  /** null for the whole machine. */
  readonly port: number | null;
  readonly forMs: number;
  /** The watch ends when all of them hold; without conditions it does not end by itself. */
  readonly until: readonly Condition[];
  readonly signal: AbortSignal;
}

const restMs = 1000;

/**
 * Watches until the conditions hold, the time is over, or the signal aborts. The next look waits for the reader.
 * @throws TcpcloseError without a way to look
 */
export async function* watch(options: WatchOptions): AsyncGenerator<WatchEvent, void> {
  const { place, port, forMs, until, signal } = options;
  const startedAt = performance.now();
  const atMs = () => Math.round(performance.now() - startedAt);
  const reader = await openPortReader(place, port, signal);
  const pace = new Pace();
  const [ages, flow] = [new Ages(), new Flow()];
  let before: ByKey | undefined;
  let lastTable: Table = [];
  async function* look(): AsyncGenerator<WatchEvent, WatchEnd | null> {
    const { sockets, quiet } = await reader.look(signal);
    const now = byKey(sockets);
    ages.see(sockets, quiet, atMs());
    flow.see(sockets, atMs());
    const transitions = before === undefined ? [] : transitionsBetween(before, now);
    if (transitions.length > 0) yield { type: 'transitions', atMs: atMs(), transitions };
    const table = tableOf(port, sockets, { ages, flow });
    const changed = before === undefined || !sameTable(lastTable, table);
    const [rates, remotes] = [flow.rates, remotesOf(port, sockets)];
    yield { type: 'table', atMs: atMs(), table, changed, rates, remotes };
    if (transitions.length > 0) pace.changed();
    [before, lastTable] = [now, table];
    if (until.length > 0 && until.every((condition) => holds(condition, table))) return 'until';
    return performance.now() - startedAt >= forMs ? 'for' : null;
  }
  // If nothing changes, only the counters are read each time, and the table once per second, because the counters do not show everything.
  const pauseUntil = async (moved: () => boolean, pauseMs: number) => {
    const restedAt = performance.now() + restMs;
    do {
      await sleep(Math.max(0, Math.min(pauseMs, forMs - atMs())), signal);
    } while (!moved() && performance.now() < restedAt && atMs() < forMs);
  };
  let reason: WatchEnd | null = null;
  try {
    yield { type: 'started', atMs: atMs(), port, way: reader.way };
    for (;;) {
      reason = yield* look();
      if (reason !== null) break;
      await pauseUntil(() => reader.moved(), Math.max(pace.nextPauseMs(), reader.shortestPauseMs));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    reason = 'interrupted';
  } finally {
    reader.close();
  }
  yield { type: 'finished', atMs: atMs(), reason };
}
