import type { Client } from '../../lab/ends/client.ts';
import { Peer, type Subject } from '../../lab/ends/peer.ts';
import type { Server } from '../../lab/ends/server.ts';
import type { RunContext } from '../../lab/run-context.ts';
import type { Measured } from '../../measured.ts';
import { PeerExpectation } from './peer.ts';
import type { About, Report, ReportCheck } from './report.ts';
import { SpanExpectation } from './span.ts';
import { type Connect, StartExpectation } from './start.ts';
import { StateExpectation } from './state.ts';
import { ValueExpectation } from './value.ts';

/** Compares expectations with observations. Each call ends in one check. */
export interface Expect {
  /** About the kernel's table, and about what a call returns: `expect(server).state('TIME_WAIT')`, `expect(client).reads('end')`. */
  (peer: Peer, about?: About): PeerExpectation;
  /** About the kernel's table only: `expect(server.listener).state('LISTEN')`. */
  (subject: Subject, about?: About): StateExpectation;
  /** About a server or a client that is being started: `expect(lab.server(...)).fails('bind', 'EADDRINUSE')`. */
  (start: Promise<Server | Client>, about?: About): StartExpectation;
  /** About a number, a text or anything else that was measured. */
  value<Value extends string | number | boolean>(
    title: string,
    value: Value,
    about?: About,
  ): ValueExpectation<Value>;
  /** About a span in milliseconds, or the limits between which looks have found it. */
  span(title: string, span: number | Measured, about?: About): SpanExpectation;
}

/**
 * What expectations need from a run.
 * @internal
 */
interface ExpectOptions {
  readonly run: RunContext;
  readonly connect: Connect;
  readonly report: ReportCheck;
  /** How long an expectation waits before it is contradicted, in milliseconds. */
  readonly patienceMs: number;
}

/** @internal */
export function createExpect({ run, connect, report, patienceMs }: ExpectOptions): Expect {
  // Its stack says where the scenario expects it, and becomes text only if it is read.
  const reportOf = (about: About): Report => {
    const from = new Error();
    return (comparison) => report(comparison, about, from);
  };
  function expect(peer: Peer, about?: About): PeerExpectation;
  function expect(subject: Subject, about?: About): StateExpectation;
  function expect(start: Promise<Server | Client>, about?: About): StartExpectation;
  function expect(
    subject: Subject | Promise<Server | Client>,
    about: About = {},
  ): StateExpectation | StartExpectation {
    const report = reportOf(about);
    if (subject instanceof Promise) return new StartExpectation(run, connect, report, subject);
    if (subject instanceof Peer) return new PeerExpectation(run, report, subject, about, patienceMs);
    return new StateExpectation(run, report, subject, about, patienceMs);
  }
  return Object.assign(expect, {
    value: <Value extends string | number | boolean>(title: string, value: Value, about: About = {}) =>
      new ValueExpectation(reportOf(about), title, value, about),
    span: (title: string, span: number | Measured, about: About = {}) =>
      new SpanExpectation(reportOf(about), title, span, about),
  });
}
