import type { RestartDocument } from '../../report/documents/restart.ts';
import type { OtherListener } from '../../restart/choice.ts';
import type { RoundResult, TrialResult } from '../../restart/trial.ts';

type Run = RestartDocument['runs'][number];
type DocumentedCall = Run['calls'][number];

export function restartDocument(
  command: readonly string[],
  results: readonly TrialResult[],
): RestartDocument {
  const target = results.flatMap(({ rounds }) => rounds)[0]?.target;
  return {
    schemaVersion: 1,
    command: [...command],
    port: target !== undefined && 'port' in target ? target.port : null,
    path: target !== undefined && 'path' in target ? target.path : null,
    runs: results.map(runOf),
    verdict: verdictOf(results),
  };
}

/** The worst of all. */
export function verdictOf(results: readonly TrialResult[]): Run['verdict'] {
  const order = ['fails', 'not decided', 'survives'] as const;
  return order.find((verdict) => results.some((result) => result.verdict === verdict)) ?? 'not decided';
}

function runOf({ signal, clients, order, verdict, cause, reason, rounds, durationMs }: TrialResult): Run {
  // What is told in detail is the first round that came out as all of them together.
  const round = rounds.find((round) => round.verdict === verdict) ?? rounds.at(-1);
  return {
    signal,
    clients,
    order,
    verdict,
    cause: cause?.code ?? null,
    reason,
    evidence: round === undefined ? null : evidenceOf(round, rounds, cause),
    outageMs: medianOutage(rounds),
    durationMs: Math.round(durationMs),
    oldSockets: (round?.oldSockets ?? []).map((row) => ({ ...row, processes: [...row.processes] })),
    oldProcesses: (round?.oldProcesses ?? []).map((process) => ({ ...process })),
    target: round === undefined ? null : sightingOf(round.sighting),
    otherListeners: (round?.others ?? []).map(otherOf),
    watching: watchingOf(round),
    calls: (round?.calls ?? []).map(callOf),
    warnings: warningsOf(rounds),
    leftFiles: (round?.leftFiles ?? []).map((file) => ({ ...file })),
    listenerOptions: optionsOf(round),
  };
}

function evidenceOf(
  round: RoundResult,
  rounds: readonly RoundResult[],
  cause: TrialResult['cause'],
): Run['evidence'] {
  const { stopped, second, probe, oldSockets } = round;
  const left = [...oldSockets, ...(second?.sockets ?? [])].flatMap(({ timer }) =>
    timer?.kind === 'timewait' ? [timer.leftMs] : [],
  );
  return {
    explanation: cause?.explanation ?? null,
    remedy: cause?.remedy ?? null,
    stopped: stopped === null ? null : { ...stopped },
    secondStart:
      second === null
        ? null
        : {
            result: second.result,
            acceptedBy: second.acceptedBy.map((holder) => ({ ...holder })),
            watchedMs: second.watchedMs === null ? null : Math.round(second.watchedMs),
            listensOn: [...second.listensOn],
            calls: second.calls.map(callOf),
            ended: second.ended === null ? null : { ...second.ended },
            output: second.output,
            sockets: second.sockets.map((row) => ({ ...row, processes: [...row.processes] })),
          },
    bind: probe === null ? null : { ...probe },
    freeInMs: left.length === 0 ? null : Math.max(...left),
    rounds: {
      survived: rounds.filter(({ verdict }) => verdict === 'survives').length,
      failed: rounds.filter(({ verdict }) => verdict === 'fails').length,
    },
    outagesMs: rounds.map(({ outageMs }) => outageMs),
  };
}

function callOf(seen: RoundResult['calls'][number]): DocumentedCall {
  const { call, pid, program, address, port, path, options, result, inTheWay } = seen;
  const reuseAddress = options?.reuseAddress ?? null;
  const reusePort = options?.reusePort ?? null;
  return {
    call,
    pid,
    program,
    address,
    port,
    path,
    reuseAddress,
    reusePort,
    result,
    seen: seen.seen,
    inTheWay: inTheWay.map((row) => ({ ...row, processes: [...row.processes] })),
  };
}

function watchingOf(round: RoundResult | undefined): Run['watching'] {
  const watching = round?.watching;
  if (watching === undefined) return { state: 'off', reason: 'no server was started' };
  return { state: watching.state, reason: watching.state === 'on' ? null : watching.reason };
}

/** Each once, however many rounds have it. */
function warningsOf(rounds: readonly RoundResult[]): string[] {
  const byCode = new Map(rounds.flatMap(({ warnings }) => warnings.map(({ code, text }) => [code, text])));
  return [...byCode.values()];
}

function sightingOf(sighting: RoundResult['sighting']): NonNullable<Run['target']> {
  const openedBy = sighting.seenBy === 'calls' ? { ...sighting.openedBy } : null;
  return { seenBy: sighting.seenBy, openedBy };
}

function otherOf({
  place,
  shown,
  processes,
  purpose,
  sighting,
}: OtherListener): Run['otherListeners'][number] {
  return {
    port: typeof place === 'number' ? place : null,
    path: typeof place === 'string' ? place : null,
    address: shown,
    processes: processes.map((holder) => ({ ...holder })),
    tool: purpose.of === 'tool' ? purpose.tool : null,
    ...sightingOf(sighting),
  };
}

function optionsOf(round: RoundResult | undefined): Run['listenerOptions'] {
  const options = round?.listenerOptions;
  if (options === undefined) return { reuseAddress: null, reusePort: null, reason: 'no server was started' };
  if (options.state !== 'read') return { reuseAddress: null, reusePort: null, reason: options.reason };
  return { reuseAddress: options.reuseAddress, reusePort: options.reusePort, reason: null };
}

function medianOutage(rounds: readonly RoundResult[]): number | null {
  const known = rounds.flatMap(({ outageMs }) => (outageMs === null ? [] : [outageMs])).sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)] ?? null;
}
