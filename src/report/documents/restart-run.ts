import * as v from 'valibot';
import type { OtherListener } from '../../restart/choice.ts';
import type { RoundResult, TrialResult } from '../../restart/trial.ts';
import { type DocumentOf, process, row } from './parts.ts';
import { call, callOf, evidence, evidenceOf, sighting, sightingOf } from './restart-evidence.ts';
import { load, loadOf } from './restart-load.ts';
import { reload, reloadOf } from './restart-reload.ts';

const describe = v.description;
export const verdict = v.picklist(['survives', 'loses', 'fails', 'not decided']);

/** The result of one way to restart. */
export const run = v.object({
  signal: v.pipe(v.string(), describe('none for a reload by a command')),
  clients: v.picklist(['stay', 'close']),
  order: v.picklist(['server-first', 'client-first']),
  way: v.pipe(
    v.optional(v.picklist(['restart', 'restart under load', 'reload', 'handover'])),
    describe('what was asked for, also if it was interrupted; left out by earlier versions'),
  ),
  verdict,
  cause: v.pipe(
    v.nullable(v.string()),
    describe(
      'why it fails: no-reuse-address, surviving-listener, surviving-connection, signal-ignored, first-process, signal-not-passed-on, still-running, port-taken-by-other, exited-otherwise, taken-by-first, ends-at-reload, no-answer-after-reload, reload-failed, racy; or why it loses requests, the first of load.losses',
    ),
  ),
  reason: v.pipe(v.nullable(v.string()), describe('why it is not decided')),
  evidence: v.nullable(evidence),
  reload: v.pipe(
    v.optional(v.nullable(reload)),
    describe('what a reload changed; null for a restart, and left out by earlier versions'),
  ),
  unit: v.pipe(
    v.optional(
      v.nullable(
        v.object({
          name: v.string(),
          scope: v.picklist(['system', 'user']),
          type: v.string(),
          restart: v.string(),
          sockets: v.pipe(
            v.array(v.string()),
            describe('the socket units whose listener it has, which stays open over the restart'),
          ),
        }),
      ),
    ),
    describe('the service of systemd; null for a command, and left out by earlier versions'),
  ),
  load: v.pipe(v.nullable(load), describe('every request of --load; null without it')),
  durationMs: v.pipe(v.number(), describe('how long all rounds took together')),
  outageMs: v.pipe(
    v.nullable(v.number()),
    describe(
      'from the signal to the first accepted connection, or to the first answer under load; the median of the rounds',
    ),
  ),
  oldSockets: v.pipe(
    v.array(row),
    describe('what the old server had left on the port, as it was when the second start was over'),
  ),
  oldProcesses: v.array(
    v.object({
      pid: v.number(),
      parent: v.pipe(v.number(), describe('its parent before the signal')),
      name: v.string(),
      command: v.string(),
      listener: v.pipe(
        v.nullable(v.picklist(['own', 'shared', 'inherited'])),
        describe(
          'how it came to the listener that it still has: by itself, by fork, or over execve; null if it has none',
        ),
      ),
    }),
  ),
  target: v.pipe(
    v.nullable(sighting),
    describe('the listener that was tried; null if no round was completed'),
  ),
  otherListeners: v.pipe(
    v.array(
      v.object({
        port: v.nullable(v.number()),
        path: v.pipe(v.nullable(v.string()), describe('of a Unix socket')),
        address: v.string(),
        processes: v.array(process),
        tool: v.pipe(v.nullable(v.string()), describe('the tool that opened it for itself')),
        ...sighting.entries,
      }),
    ),
    describe('what else the command listened on'),
  ),
  watching: v.pipe(
    v.object({ state: v.picklist(['on', 'off']), reason: v.nullable(v.string()) }),
    describe(
      'whether the calls of the command were watched, or why not: then all rests on what the kernel shows',
    ),
  ),
  calls: v.pipe(v.array(call), describe('those of the first start, until it was stopped')),
  warnings: v.pipe(v.array(v.string()), describe('problems that do not change the verdict')),
  leftFiles: v.pipe(
    v.array(v.object({ path: v.string(), reason: v.string() })),
    describe('Unix sockets that were not removed at the end'),
  ),
  listenerOptions: v.object({
    reuseAddress: v.nullable(v.boolean()),
    reusePort: v.nullable(v.boolean()),
    reason: v.pipe(v.nullable(v.string()), describe('why they could not be read')),
  }),
});

type Run = DocumentOf<typeof run>;

export function runOf({ rounds, cause, durationMs, ...trial }: TrialResult): Run {
  const { clients, order, verdict, reason } = trial;
  const signal = trial.reload?.kind === 'command' ? 'none' : trial.signal;
  // The details are those of the first round with the result of all rounds together.
  const round = rounds.find((round) => round.verdict === verdict) ?? rounds.at(-1);
  return {
    ...{ signal, clients, order, way: wayOf(trial), verdict, cause: cause?.code ?? null, reason },
    evidence: round === undefined ? null : evidenceOf(round, rounds, cause),
    reload: round?.reload === undefined ? null : reloadOf(round.reload),
    unit: round?.unit ?? null,
    load: round?.load ? loadOf(round.load) : null,
    outageMs: medianOutage(rounds),
    durationMs: Math.round(durationMs),
    oldSockets: round?.oldSockets ?? [],
    oldProcesses: round?.oldProcesses ?? [],
    target: round === undefined ? null : sightingOf(round.sighting),
    otherListeners: (round?.others ?? []).map(otherOf),
    watching: watchingOf(round),
    calls: (round?.calls ?? []).map(callOf),
    warnings: warningsOf(rounds),
    leftFiles: round?.leftFiles ?? [],
    listenerOptions: optionsOf(round),
  };
}

function wayOf({ reload, underLoad }: Pick<TrialResult, 'reload' | 'underLoad'>): Run['way'] {
  if (reload !== undefined) return reload.kind === 'handover' ? 'handover' : 'reload';
  return underLoad === 'yes' ? 'restart under load' : 'restart';
}

function watchingOf(round: RoundResult | undefined): Run['watching'] {
  const watching = round?.watching;
  if (watching === undefined) return { state: 'off', reason: 'no round was completed' };
  return { state: watching.state, reason: watching.state === 'on' ? null : watching.reason };
}

/** Each once, even if several rounds have it. */
function warningsOf(rounds: readonly RoundResult[]): string[] {
  const byCode = new Map(rounds.flatMap(({ warnings }) => warnings.map(({ code, text }) => [code, text])));
  return [...byCode.values()];
}

function otherOf({ place, shown, purpose, ...other }: OtherListener): Run['otherListeners'][number] {
  return {
    port: typeof place === 'number' ? place : null,
    path: typeof place === 'string' ? place : null,
    address: shown,
    processes: other.processes,
    tool: purpose.of === 'tool' ? purpose.tool : null,
    ...sightingOf(other.sighting),
  };
}

function optionsOf(round: RoundResult | undefined): Run['listenerOptions'] {
  const options = round?.listenerOptions;
  if (options === undefined) return { reuseAddress: null, reusePort: null, reason: 'no round was completed' };
  if (options.state !== 'read') return { reuseAddress: null, reusePort: null, reason: options.reason };
  return { reuseAddress: options.reuseAddress, reusePort: options.reusePort, reason: null };
}

function medianOutage(rounds: readonly RoundResult[]): number | null {
  const known = rounds.flatMap(({ outageMs }) => (outageMs === null ? [] : [outageMs])).sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)] ?? null;
}
