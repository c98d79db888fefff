import { sameEndpoint } from '../address.ts';
import { monotonicMs } from '../native/clock.ts';
import type { SockDiag } from '../native/sock-diag.ts';
import { socketsOf } from '../observe/proc/holders.ts';
import { signalDisposition } from '../observe/proc/status.ts';
import { descendantsOf, readProcesses, steadyDescendantsOf } from '../observe/processes.ts';
import type { Row } from '../observe/row.ts';
import { socketsOnPort } from '../observe/sock-diag/table.ts';
import { atMost } from '../waiting.ts';
import { probe } from './bind-now.ts';
import { clear } from './clearing.ts';
import type { Client } from './client.ts';
import { openClients } from './clients.ts';
import type { RoundContext, RoundOptions } from './context.ts';
import { type Treatment, treatmentOf } from './first-clients.ts';
import { firstProcessAmong } from './first-process.ts';
import { Generation } from './lineage.ts';
import { listenersBefore } from './listening.ts';
import { languageOfListener } from './load/language.ts';
import { RoundLoad, requestUnder } from './load/of-round.ts';
import { OldServer } from './old-server.ts';
import { outageOf } from './outage.ts';
import { ofListeners, ownBind } from './own-calls.ts';
import { handOverUnderLoad } from './reload/handover.ts';
import { reloadUnderLoad } from './reload/round.ts';
import { type Attempt, type First, recover, startAgain } from './second-start.ts';
import { startServer, type UserServer } from './server.ts';
import { stop, untilStopped } from './stopping.ts';
import type { Target } from './target.ts';
import type { LeftFile, Observation, RoundResult, SecondStart, Trial } from './trial.ts';
import { judge } from './verdict.ts';
import { warningsOf } from './warnings.ts';

/** How long a server may wait for its clients before they close. */
const closeDelayMs = 500;

/** Starts the server, connects, stops it, and starts it again; ends everything afterwards. */
export async function restartOnce(
  context: RoundContext,
  asked: RoundOptions,
  trial: Trial,
): Promise<RoundResult> {
  const options = { ...asked, request: requestUnder(asked) };
  const { supervisor, progress } = context;
  const before = listenersBefore(context);
  progress('waiting for the server to listen', atMost(options.timeoutMs));
  let target: Target | undefined;
  let clients: readonly Client[] = [];
  let load: RoundLoad | undefined;
  let seen: Observation;
  let leftFiles: readonly LeftFile[] = [];
  try {
    const server = await startServer(context, before, options);
    progress('connecting clients');
    let treatment: Treatment;
    do {
      for (const client of clients) client.reset();
      target = server.target;
      const opened = await openClients(target, options.clients, options.request);
      clients = opened.clients;
      treatment = await treatmentOf(context, target, opened);
      await server.lookAgain(context, before);
    } while (server.target !== target);
    load = new RoundLoad(context, options, target);
    await load.begin(server.run);
    seen =
      trial.reload === undefined
        ? await restart(context, options, trial, server, clients, treatment, load)
        : trial.reload.kind === 'handover'
          ? await handOverUnderLoad(context, options, trial.reload, server, load)
          : await reloadUnderLoad(context, options, trial, trial.reload, server, load);
  } finally {
    for (const client of clients) client.reset();
    await load?.end();
    await supervisor.sweep(closeDelayMs);
    const ports = [...clients.map(({ local }) => local.port), ...(load?.clientPorts ?? [])];
    leftFiles = await clear(context, target, new Set(ports));
  }
  return { ...seen, ...judge(seen), warnings: warningsOf(seen), leftFiles };
}

async function restart(
  context: RoundContext,
  options: RoundOptions,
  trial: Trial,
  server: UserServer,
  clients: readonly Client[],
  treatment: Treatment,
  load: RoundLoad,
): Promise<Observation> {
  const { supervisor, diag, progress } = context;
  const { target } = server;
  const supervisorPid = await supervisor.pid;
  server.refuseBackground();
  const pid = server.mainPid(supervisorPid);
  const old = new OldServer(context, target, supervisorPid);
  const disposition = signalDisposition(pid) ?? null;
  const language = languageOfListener(target);
  const close = () => Promise.all(clients.map((client) => client.close()));
  if (trial.order === 'client-first') await close();
  progress('waiting for the server to exit', atMost(options.stopTimeoutMs));
  load.beforeSignal();
  const killedAt = monotonicMs();
  stop(pid, trial.signal);
  load.signalled(killedAt);
  const closing = trial.clients === 'close' ? setTimeout(() => void close(), closeDelayMs) : undefined;
  const stopped = await untilStopped(server.run, pid, killedAt, options, context.signal);
  clearTimeout(closing);
  load.stopped();
  if (trial.clients === 'close') await close();
  const left = steadyDescendantsOf(supervisorPid).filter(
    (process) => process.pid !== pid || stopped === null,
  );
  const onPort = target.kind === 'tcp' ? socketsOnPort(diag, target.port, socketsOf(left)) : [];
  const sockets = onPort.filter(({ inode }) => inode === 0 || inode !== context.kept);
  const toldProcess = old.listens(pid) ? 'listened' : 'did not listen';
  const seen: Observation = {
    ...server.observation(context, options, { signal: trial.signal, language, disposition, toldProcess }),
    firstClients: clients.length > 0 ? 'some' : 'none',
    stopped,
    oldSockets: sockets,
    oldProcesses: old.survivors(context, left),
    stillListening: old.listening(context, left),
  };
  if (stopped === null) {
    const listening = seen.stillListening.find((one) => one !== pid);
    return {
      ...seen,
      firstProcess: firstProcessAmong(left),
      toldProcess: seen.stillListening.includes(pid) ? 'listens' : toldProcess,
      dispositionThen: signalDisposition(pid) ?? null,
      listenerDisposition: listening === undefined ? null : (signalDisposition(listening) ?? null),
      load: await load.account(trial, seen, killedAt, null),
      probe: probe(seen.target),
    };
  }
  progress('waiting for the second start to serve a client', atMost(options.timeoutMs));
  const first = { server, left: new Generation(left), places: old.places, ...treatment };
  const attempt = await startAgain(context, options, first);
  // Processes that the old server has started since then, perhaps before it ended.
  const later = descendantsOf(supervisorPid).filter(
    (process) => first.left.has(process.pid) && !left.some((one) => one.pid === process.pid),
  );
  const now = {
    ...seen,
    oldSockets: target.kind === 'tcp' ? settled(diag, target.port, sockets) : [],
    oldProcesses: [...seen.oldProcesses, ...old.survivors(context, later)],
    stillListening: old.listening(context, [...left, ...later]),
    load: await load.account(trial, seen, killedAt, attempt),
  };
  if (attempt.result === 'accepts') {
    const second = await secondOf(context, first, attempt, []);
    return { ...now, second, outageMs: outageOf(attempt.at, now.load, killedAt) };
  }
  const processes = socketsOf(readProcesses().values());
  const found = target.kind === 'tcp' ? socketsOnPort(diag, target.port, processes) : [];
  const second = await secondOf(context, first, attempt, found);
  const bind = probe(seen.target);
  const outageMs =
    options.until === 'recovered' ? await recover(context, options, first, found, killedAt) : null;
  return { ...now, second, probe: bind, outageMs };
}

async function secondOf(
  { supervisor }: RoundContext,
  { server }: First,
  { run, ...attempt }: Attempt,
  sockets: readonly Row[],
): Promise<SecondStart> {
  await supervisor.settled();
  return {
    ...attempt,
    ended: run.ending() ?? null,
    output: await run.output(),
    sockets,
    ownBind: ownBind(server.target, server.run.calls, run.calls),
    calls: ofListeners(run.calls),
  };
}

/** The same sockets in their present state: a FIN that had just been sent has been acknowledged since. */
function settled(diag: SockDiag, port: number, sockets: readonly Row[]): Row[] {
  const now = socketsOnPort(diag, port);
  return sockets.map((socket) => {
    const later = now.find(({ remote }) => sameEndpoint(remote, socket.remote));
    return socket.inode === 0 && later?.inode === 0 ? later : socket;
  });
}
