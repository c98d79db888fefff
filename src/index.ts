/** The package entry `tcpclose`: the commands as functions, and everything that scenarios are written with. */
export {
  audit,
  claims,
  doctor,
  freePort,
  idle,
  matrix,
  matrixDiff,
  merge,
  restart,
  run,
  runScenario,
  runSuite,
  watch,
  why,
} from './api/api.ts';
export type { AuditOptions } from './api/audit.ts';
export type { ClaimsOptions } from './api/claims.ts';
export type { DoctorEvent, DoctorOptions } from './api/doctor.ts';
export type { Duration } from './api/duration.ts';
export type { FreePort } from './api/free-port.ts';
export type { IdleOptions } from './api/idle.ts';
export type { MatrixEvent, MatrixOptions } from './api/matrix.ts';
export type { MergeEvent, MergeOptions } from './api/merge.ts';
export type { RestartOptions } from './api/restart.ts';
export type { RunOptions } from './api/run.ts';
export type { ScenarioOptions } from './api/run-scenario.ts';
export type { SuiteOptions } from './api/run-suite.ts';
export type { WaitingEvent } from './api/waiting.ts';
export type { WatchOptions } from './api/watch.ts';
export type { WhyEvent, WhyOptions, WhyQuestion } from './api/why.ts';
export { TcpcloseError } from './errors.ts';
export type { Event, SuiteEvent } from './events.ts';
export type { ChurnOptions, ChurnResult } from './lab/churn.ts';
export type { Client, ClientOptions } from './lab/ends/client.ts';
export type { ConnectionEnd } from './lab/ends/connection-end.ts';
export type { Measurements, TimerReading } from './lab/ends/measurements.ts';
export type { Ended, Peer, Subject } from './lab/ends/peer.ts';
export type { ProbeOptions } from './lab/ends/probe.ts';
export type { Server, ServerOptions } from './lab/ends/server.ts';
export type { Stimulus } from './lab/ends/stimulus.ts';
export type { Kernel } from './lab/kernel.ts';
export type { Lab } from './lab/lab.ts';
export type { Load } from './lab/load.ts';
export type { CounterWatch } from './lab/recording/counters.ts';
export { TooSlow } from './lab/recording/too-slow.ts';
export type { Wire } from './lab/wire.ts';
export type { Measured } from './measured.ts';
export type { TcpInfo } from './native/tcp-info.ts';
export type { Row } from './observe/row.ts';
export type {
  Conduct,
  ProbeResult,
  ReadResult,
  ReceiveResult,
  Retransmissions,
  SendResult,
  ShortConnections,
} from './peer/results.ts';
export type { AuditDocument } from './report/documents/audit.ts';
export type { ClaimsDocument } from './report/documents/claims.ts';
export type { DoctorDocument } from './report/documents/doctor.ts';
export type { IdleDocument } from './report/documents/idle.ts';
export type { MatrixDiff, MatrixDocument } from './report/documents/matrix.ts';
export type { MergeDocument } from './report/documents/merge.ts';
export type { RestartDocument } from './report/documents/restart.ts';
export type { RunDocument } from './report/documents/run.ts';
export type { RunCommandDocument } from './report/documents/run-command.ts';
export type { SuiteDocument } from './report/documents/suite.ts';
export type { WatchDocument } from './report/documents/watch.ts';
export type { WhyDocument } from './report/documents/why.ts';
export type { WhyAnswer } from './report/documents/why-answers.ts';
export type { EndingPlanDocument } from './report/documents/why-ended.ts';
export type { UnixDocument } from './report/documents/why-unix.ts';
export type { RunEvent } from './report/run/run-event.ts';
export type { WatchUpdate } from './report/watch/update.ts';
export type { Expect } from './scenario/expect/expect.ts';
export type { About } from './scenario/expect/report.ts';
export type { Need } from './scenario/needs.ts';
export { choice, flag, integer, lingerTime, type Parameter, signalName } from './scenario/parameters.ts';
export {
  type Context,
  type Scenario,
  type ScenarioDefinition,
  scenario,
} from './scenario/scenario.ts';
export type { State } from './state.ts';
