import { monotonicMs } from '../../native/clock.ts';
import { socketsOf } from '../../observe/proc/holders.ts';
import { signalDisposition } from '../../observe/proc/status.ts';
import { readProcess } from '../../observe/processes.ts';
import type { Row } from '../../observe/row.ts';
import { socketsOnPort } from '../../observe/sock-diag/table.ts';
import { poll } from '../../time.ts';
import { atMost } from '../../waiting.ts';
import { probe } from '../bind-now.ts';
import { clear } from '../clearing.ts';
import type { Client } from '../client.ts';
import { openClients } from '../clients.ts';
import type { RoundContext, RoundOptions } from '../context.ts';
import { type Treatment, treatmentOf } from '../first-clients.ts';
import { Generation } from '../lineage.ts';
import { listeningAmong } from '../listening.ts';
import { languageOfListener } from '../load/language.ts';
import { RoundLoad, requestUnder } from '../load/of-round.ts';
import { outageOf } from '../outage.ts';
import { reloadUnderLoad } from '../reload/round.ts';
import { UserServer } from '../server.ts';
import type { Observation, RoundResult, Trial, Warning } from '../trial.ts';
import { judge } from '../verdict.ts';
import { warningsOf } from '../warnings.ts';
import { factsOf } from './facts.ts';
import { type FoundUnit, findUnit } from './found.ts';
import { processesOf } from './members.ts';
import { secondOf, survivor } from './observing.ts';
import { bringBack, forgetFailures } from './recovery.ts';
import { type UnitFirst, untilServes } from './second.ts';
import { order, stateOf, type Unit } from './systemd.ts';
import { UnitRun } from './unit-run.ts';
import { inWordsOfUnits } from './words.ts';

const pollMs = 1;
const closeDelayMs = 500;

/** Restarts a systemd service once, between clients, and makes sure that it runs afterwards. */
export async function restartUnitOnce(
  context: RoundContext,
  asked: RoundOptions,
  trial: Trial,
  unit: Unit,
): Promise<RoundResult> {
  const options = { ...asked, request: requestUnder(asked) };
  const found = await findUnit(context, unit, options.wanted);
  await forgetFailures(unit);
  const { target } = found;
  let clients: readonly Client[] = [];
  const load = new RoundLoad(context, options, target);
  let seen: Observation;
  let hasFailed = false;
  let left: Warning[] = [];
  try {
    context.progress('connecting clients');
    const opened = await openClients(target, options.clients, options.request);
    clients = opened.clients;
    const treatment = await treatmentOf(context, target, opened);
    const run = new UnitRun(unit, found.state.mainPid);
    await load.begin(run);
    const facts = factsOf(found);
    const server = new UserServer(run, found, options);
    const own = { ...trial, signal: found.state.stopSignal };
    seen =
      trial.reload === undefined
        ? await restart(context, options, own, found, server, clients, treatment, load)
        : await reloadUnderLoad(context, options, trial, trial.reload, server, load, () =>
            processesOf(found.state.controlGroup),
          );
    seen = { ...seen, unit: facts };
    hasFailed = seen.second?.result === 'failed';
  } finally {
    for (const client of clients) client.reset();
    await load.end();
    await context.supervisor.sweep(closeDelayMs);
    const ports = [...clients.map(({ local }) => local.port), ...load.clientPorts];
    if (hasFailed) await clear(context, target, new Set(ports));
    left = await bringBack(context, found);
  }
  const { verdict, cause } = judge(seen);
  const warnings = [...warningsOf(seen), ...left];
  return { ...seen, verdict, cause: cause && inWordsOfUnits(cause, unit), warnings, leftFiles: [] };
}

async function restart(
  context: RoundContext,
  options: RoundOptions,
  trial: Trial,
  found: FoundUnit,
  server: UserServer,
  clients: readonly Client[],
  treatment: Treatment,
  load: RoundLoad,
): Promise<Observation> {
  const { unit, target, state, processes } = found;
  const { mainPid } = state;
  const generation = new Generation(processes);
  const disposition = signalDisposition(mainPid) ?? null;
  const language = languageOfListener(target);
  const listening = listeningAmong(context, target, processes);
  const close = () => Promise.all(clients.map((client) => client.close()));
  if (trial.order === 'client-first') await close();
  context.progress('waiting for the unit to stop', atMost(options.stopTimeoutMs));
  const first = { unit, state, target, generation, ...treatment };
  load.beforeSignal();
  const orderedAt = Date.now();
  const killedAt = monotonicMs();
  await order(unit, 'restart');
  load.signalled(killedAt);
  const closing = trial.clients === 'close' ? setTimeout(() => void close(), closeDelayMs) : undefined;
  const hasEnded = () => readProcess(mainPid)?.state !== 'alive' || !generation.has(mainPid);
  const patience = { withinMs: options.stopTimeoutMs, everyMs: pollMs, signal: context.signal };
  const ended = await poll('the end of the main process', hasEnded, patience);
  const stopped = ended ? { status: null, signal: null, afterMs: monotonicMs() - killedAt } : null;
  clearTimeout(closing);
  load.stopped();
  if (trial.clients === 'close') await close();
  const leftOver = processesOf(state.controlGroup).filter(({ pid }) => generation.has(pid));
  const rows = socketsOnPort(context.diag, target.port, socketsOf(leftOver));
  const toldProcess = listening.has(mainPid) ? 'listened' : 'did not listen';
  const told = { signal: trial.signal, language, disposition, toldProcess } as const;
  const base = server.observation(context, options, told);
  // The listener of a socket unit stays, and belongs to systemd.
  const isOfUnit = ({ inode }: Row) => !state.sockets.length && base.listenerInodes.includes(inode ?? 0);
  const seen: Observation = {
    ...base,
    firstClients: clients.length > 0 ? 'some' : 'none',
    stopped,
    oldSockets: rows.filter((row) => row.state !== 'LISTEN' || isOfUnit(row)),
    oldProcesses: leftOver.filter(({ pid }) => stopped === null || pid !== mainPid).map(survivor(listening)),
    stillListening: [...listeningAmong(context, target, leftOver)],
  };
  if (stopped === null) {
    return {
      ...seen,
      toldProcess: seen.stillListening.includes(mainPid) ? 'listens' : toldProcess,
      dispositionThen: signalDisposition(mainPid) ?? null,
      load: await load.account(trial, seen, killedAt, null),
      probe: probe(seen.target),
    };
  }
  context.progress('waiting until it serves again', atMost(options.timeoutMs));
  const attempt = await untilServes(context, options, first, orderedAt);
  const account = await load.account(trial, seen, killedAt, attempt);
  const second = await secondOf(context, found, attempt);
  const now = { ...seen, load: account, second };
  if (attempt.result === 'accepts') return { ...now, outageMs: outageOf(attempt.at, account, killedAt) };
  const bind = state.sockets.length > 0 ? null : probe(seen.target);
  if (options.until !== 'recovered') return { ...now, probe: bind };
  return {
    ...now,
    probe: bind,
    outageMs: await recover(context, options, first, orderedAt, killedAt),
  };
}

/** When the unit served again after the order, helped only by systemd and by a start once the port is free; null if it does not serve. */
async function recover(
  context: RoundContext,
  options: RoundOptions,
  first: UnitFirst,
  orderedAt: number,
  killedAt: number,
): Promise<number | null> {
  await bringBack(context, first);
  const { invocation } = await stateOf(first.unit);
  // From now on, no start counts as the failed one.
  const again = { ...first, state: { ...first.state, invocation } };
  const attempt = await untilServes(context, options, again, orderedAt);
  return attempt.result === 'accepts' ? attempt.at - killedAt : null;
}
