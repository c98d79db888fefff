/** The functions of the package, and what they promise. Each loads what it needs when it is called, so that importing the package costs little. */
import type { AuditDocument } from '../report/documents/audit.ts';
import type { ClaimsDocument } from '../report/documents/claims.ts';
import type { DoctorDocument } from '../report/documents/doctor.ts';
import type { IdleDocument } from '../report/documents/idle.ts';
import type { MatrixDiff, MatrixDocument } from '../report/documents/matrix.ts';
import type { MergeDocument } from '../report/documents/merge.ts';
import type { RestartDocument } from '../report/documents/restart.ts';
import type { RunDocument } from '../report/documents/run.ts';
import type { RunCommandDocument } from '../report/documents/run-command.ts';
import type { SuiteDocument } from '../report/documents/suite.ts';
import type { WatchDocument } from '../report/documents/watch.ts';
import type { WhyDocument } from '../report/documents/why.ts';
import type { WhyAnswer } from '../report/documents/why-answers.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { AuditOptions } from './audit.ts';
import type { ClaimsOptions } from './claims.ts';
import type { DoctorOptions } from './doctor.ts';
import type { FreePort } from './free-port.ts';
import type { IdleOptions } from './idle.ts';
import type { LeftOptions, LeftSocket } from './left-sockets.ts';
import type { MatrixOptions } from './matrix.ts';
import type { MergeOptions } from './merge.ts';
import type { RestartOptions } from './restart.ts';
import type { RunOptions } from './run.ts';
import type { ScenarioOptions } from './run-scenario.ts';
import type { SuiteOptions } from './run-suite.ts';
import type { WatchOptions } from './watch.ts';
import type { WhyOptions, WhyQuestion } from './why.ts';

/**
 * Tests whether a server survives a restart, and finds the cause if not, as `tcpclose restart`. What an abort prevents is `not decided`.
 * @param command the words that start it: `['node', 'server.js']`
 * @throws TcpcloseError if not even the first start listens; `command-failed` has the end of its `output`
 */
export async function restart(
  command: readonly string[],
  options?: RestartOptions,
): Promise<RestartDocument> {
  await refuseUnknown('restart', options);
  return (await import('./restart.ts')).restart(command, options);
}

/**
 * Finds out who or what holds a port, which rule blocks the bind, for how long, and what to do, as `tcpclose why`.
 * @throws TcpcloseError; the reason of the signal if it aborts
 */
export async function why(port: number, options?: WhyOptions): Promise<WhyDocument>;
/**
 * The same for `host:port`, a URL or a Unix socket (`/run/app.sock`, `@name`), for several of these, or, without one, for all listening
 * ports. The `type` of the document says which it is.
 */
export async function why(
  asked?: WhyQuestion | readonly WhyQuestion[],
  options?: WhyOptions,
): Promise<WhyAnswer>;
export async function why(
  asked?: WhyQuestion | readonly WhyQuestion[],
  options?: WhyOptions,
): Promise<WhyAnswer> {
  await refuseUnknown('why', options);
  return (await import('./why.ts')).why(asked, options);
}

/**
 * Watches the connections of a port, or `all` of the machine, as `tcpclose watch`: yields the documents that `--json` prints, one by one.
 * `for`, `until`, a `break` or the signal ends it; `finished` still follows.
 * @throws TcpcloseError
 */
export async function* watch(
  port: number | 'all',
  options?: WatchOptions,
): AsyncGenerator<WatchDocument, void> {
  await refuseUnknown('watch', options);
  yield* (await import('./watch.ts')).watch(port, options);
}

/**
 * Runs a command with the standard input and outputs of this process, and finds out who has the port when it, or a child of it, fails to
 * bind, as `tcpclose run`. An abort sends it SIGTERM.
 * @throws TcpcloseError `no-command`, `supervisor-lost`
 */
export async function run(command: readonly string[], options?: RunOptions): Promise<RunCommandDocument> {
  await refuseUnknown('run', options);
  return (await import('./run.ts')).run(command, options);
}

/**
 * Runs one scenario, as `tcpclose demo`: a name in the catalogue, a file, or what `scenario({ ... })` returns. What an abort prevents has
 * the outcome `interrupted`.
 * @throws TcpcloseError if it cannot be started
 */
export async function runScenario(
  scenario: string | Scenario,
  options?: ScenarioOptions,
): Promise<RunDocument> {
  await refuseUnknown('runScenario', options);
  return (await import('./run-scenario.ts')).runScenario(scenario, options);
}

/**
 * Runs scenarios in parallel, as `tcpclose test`: names and topics in the catalogue, files, folders, and what `scenario({ ... })` returns;
 * the whole catalogue if none is given.
 * @throws TcpcloseError if they cannot be started
 */
export async function runSuite(
  scenarios?: readonly (string | Scenario)[],
  options?: SuiteOptions,
): Promise<SuiteDocument> {
  await refuseUnknown('runSuite', options);
  return (await import('./run-suite.ts')).runSuite(scenarios, options);
}

/**
 * Measures who closes an idle connection first, and whether a request can meet it, as `tcpclose idle`.
 * @param server a port on this machine, a URL, `host:port`, or the words of a command that starts the server
 * @throws TcpcloseError; the reason of the signal if it aborts
 */
export async function idle(
  server: number | string | readonly string[],
  options?: IdleOptions,
): Promise<IdleDocument> {
  await refuseUnknown('idle', options);
  return (await import('./idle.ts')).idle(server, options);
}

/**
 * Looks for what is wrong with the connections of a machine, as `tcpclose audit`.
 * @throws TcpcloseError; the reason of the signal if it aborts
 */
export async function audit(options?: AuditOptions): Promise<AuditDocument> {
  await refuseUnknown('audit', options);
  return (await import('./audit.ts')).audit(options);
}

/**
 * Decides claims about TCP on this machine by running the scenarios that bear on them, as `tcpclose claims`.
 * @param ids such as `C01`; all if none is given
 * @throws TcpcloseError; the reason of the signal if it aborts
 */
export async function claims(ids?: readonly string[], options?: ClaimsOptions): Promise<ClaimsDocument> {
  await refuseUnknown('claims', options);
  return (await import('./claims.ts')).claims(ids, options);
}

/**
 * Tries what this machine allows, and says what you lose with each thing that is missing, as `tcpclose doctor`.
 * @throws TcpcloseError; the reason of the signal if it aborts
 */
export async function doctor(options?: DoctorOptions): Promise<DoctorDocument> {
  await refuseUnknown('doctor', options);
  return (await import('./doctor.ts')).doctor(options);
}

/**
 * Makes one report of what `audit` and `claims` found on many hosts, as `tcpclose merge`.
 * @param files with these documents as JSON: one a file, or one a line
 * @throws TcpcloseError; the reason of the signal if it aborts
 */
export async function merge(files: readonly string[], options?: MergeOptions): Promise<MergeDocument> {
  await refuseUnknown('merge', options);
  return (await import('./merge.ts')).merge(files, options);
}

/**
 * Measures which binds succeed over which leftovers, as `tcpclose matrix`.
 * @throws TcpcloseError; the reason of the signal if it aborts
 */
export async function matrix(options?: MatrixOptions): Promise<MatrixDocument> {
  await refuseUnknown('matrix', options);
  return (await import('./matrix.ts')).matrix(options);
}

/** The cells that differ between two matrices, such as those of two kernels, as `tcpclose matrix --diff`. */
export async function matrixDiff(before: MatrixDocument, now: MatrixDocument): Promise<MatrixDiff> {
  return (await import('./matrix.ts')).matrixDiff(before, now);
}

/**
 * Binds a port that the kernel chooses, and keeps it: no other process can take it between the question and the bind. Give its
 * descriptor to `server.listen({ fd })`, or to a child.
 * @throws TcpcloseError `bad-host`
 */
export async function freePort(options?: { readonly host?: string }): Promise<FreePort> {
  await refuseUnknown('freePort', options);
  return (await import('./free-port.ts')).freePort(options);
}

/** The TCP sockets of this process and its descendants that are still open when the time is over. */
export async function leftSockets(options?: LeftOptions): Promise<LeftSocket[]> {
  await refuseUnknown('leftSockets', options);
  return (await import('./left-sockets.ts')).leftSockets(options);
}

async function refuseUnknown(
  ...asked: Parameters<typeof import('./known-options.ts').refuseUnknown>
): Promise<void> {
  (await import('./known-options.ts')).refuseUnknown(...asked);
}
