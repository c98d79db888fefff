import type { RestartDocument } from '../src/report/documents/restart.ts';
import { isOutage } from './shutdown/outage.ts';
import { type ClientKind, clientKinds, type KindCount, type ShutdownRun } from './shutdown/result.ts';

type Run = RestartDocument['runs'][number];
type Load = NonNullable<Run['load']>;
type Fields<Union> = Union extends unknown ? Omit<Union, 'at' | 'loadAverage'> : never;

/** What a restart cost, with what nobody could have answered apart. */
export function accountOf(run: Run | undefined): Fields<ShutdownRun> {
  const load = run?.load;
  if (!run || !load) return { state: 'not measured', why: run?.reason ?? run?.cause ?? 'there was no load' };
  const stillRuns = run.verdict === 'fails' && run.cause === 'still-running';
  if (load.verdict === 'too little') return { state: 'not measured', why: load.reason ?? '' };
  if (run.verdict !== 'loses' && run.verdict !== 'survives' && !stillRuns)
    return { state: 'not measured', why: run.cause ?? run.reason ?? run.verdict };
  const causes = load.losses.map(({ cause, lost }) => ({ cause, lost }));
  const sum = (counted: typeof causes) => counted.reduce((total, { lost }) => total + lost, 0);
  const kinds = clientKinds.map((kind) => countOf(kind, load));
  const outage = sum(causes.filter(({ cause }) => isOutage(cause)));
  const lost = kinds.reduce((total, { lost }) => total + lost, 0);
  if (lost + outage !== load.lost)
    return {
      state: 'not measured',
      why: `of ${load.lost} lost requests ${lost} and ${outage} are accounted for`,
    };
  return {
    state: 'measured',
    exitsAfterMs: stillRuns ? null : load.timeline.exits,
    listensForMs: load.timeline.listenerCloses,
    kinds,
    outage,
    causes: causes.filter(({ cause }) => !isOutage(cause)),
  };
}

/** Without a listener a request is refused; what ends otherwise was up to the shutdown. */
function countOf(kind: ClientKind, { kinds, lostRequests }: Load): KindCount {
  const { after, lost = 0 } = kinds.find((one) => one.kind === kind) ?? {};
  const { notMade = 0, ...made } = after ?? {};
  const inOutage = lostRequests.filter((one) => one.kind === kind && isOutage(one.cause));
  const others = inOutage.filter((one) => one.class !== 'refused').length;
  return {
    kind,
    requests: Object.values(made).reduce((total, count) => total + count, 0),
    lost: lost - (after?.refused ?? 0) - others,
  };
}
