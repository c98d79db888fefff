import * as v from 'valibot';
import type { WatchEvent } from '../../diagnose/watch/watch.ts';
import { observerLabels } from '../../observe/observers.ts';
import { states } from '../../state.ts';
import { type DocumentOf, endpoint, process, schemaVersion } from './parts.ts';

const describe = v.description;
const holders = v.array(process);
const state = v.picklist(states);
const left = v.pipe(v.nullable(v.number()), describe('until the kernel drops it; null if it will not'));

const common = {
  schemaVersion,
  at: v.pipe(v.string(), describe('ISO 8601')),
  atMs: v.pipe(v.number(), describe('milliseconds since the start')),
};

/** One line of `tcpclose watch --json`. */
export const watchDocument = v.variant('type', [
  v.object({
    ...common,
    type: v.literal('started'),
    port: v.pipe(v.nullable(v.number()), describe('null: all of the machine')),
    on: v.pipe(v.nullable(v.string()), describe('the launcher that leads to the machine; null without one')),
    way: v.picklist(observerLabels),
  }),
  v.object({
    ...common,
    type: v.literal('transition'),
    local: endpoint,
    remote: endpoint,
    from: v.pipe(v.nullable(state), describe('null: it was not there')),
    to: v.pipe(v.nullable(state), describe('null: it is gone')),
    leftMs: left,
    processes: holders,
  }),
  v.object({
    ...common,
    type: v.literal('table'),
    rows: v.array(
      v.object({
        state,
        count: v.pipe(v.number(), describe('connections that have an end in this state')),
        atPort: v.pipe(v.number(), describe('sockets whose own port it is')),
        atOtherEnd: v.pipe(v.number(), describe('sockets of this machine at the other end of such')),
        leftMs: left,
        processes: v.pipe(holders, describe('the first of them')),
        processCount: v.number(),
        ownerless: v.pipe(
          v.number(),
          describe('sockets that no process has; others without one have a process that was not seen'),
        ),
        oldestMs: v.pipe(
          v.nullable(v.number()),
          describe('for how long one of them has been in the state, at least'),
        ),
        growthPerSecond: v.pipe(
          v.nullable(v.number()),
          describe('by how many sockets they grow or shrink, over the last 10 s; null in the first second'),
        ),
      }),
    ),
    rates: v.pipe(
      v.nullable(v.object({ opened: v.number(), ended: v.number() })),
      describe('connections per second that came and went, over the last 10 s; null in the first second'),
    ),
    remotes: v.object({
      top: v.pipe(
        v.array(v.object({ address: v.string(), count: v.number() })),
        describe('the addresses with the most connections'),
      ),
      addresses: v.pipe(v.number(), describe('how many there are in all')),
    }),
  }),
  v.object({ ...common, type: v.literal('finished'), reason: v.picklist(['until', 'for', 'interrupted']) }),
]);

export type WatchDocument = DocumentOf<typeof watchDocument>;

/** @param on the launcher that leads to the machine; null without one */
export function watchDocumentsOf(event: WatchEvent, on: string | null): WatchDocument[] {
  const common = { schemaVersion: 1, at: new Date().toISOString(), atMs: event.atMs } as const;
  switch (event.type) {
    case 'started':
      return [{ ...common, type: 'started', port: event.port, on, way: event.way }];
    case 'transitions':
      return event.transitions.map((transition) => ({ ...common, type: 'transition', ...transition }));
    case 'table':
      return [{ ...common, type: 'table', rows: event.table, rates: event.rates, remotes: event.remotes }];
    case 'finished':
      return [{ ...common, type: 'finished', reason: event.reason }];
  }
}
