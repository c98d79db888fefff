import type { Client } from '../../lab/ends/client.ts';
import type { Subject } from '../../lab/ends/peer.ts';
import type { Server } from '../../lab/ends/server.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Measured } from '../../measured.ts';
import type { About, ReportCheck } from './record.ts';
import { SpanExpectation } from './span.ts';
import { StartExpectation } from './start.ts';
import { StateExpectation } from './state.ts';
import { ValueExpectation } from './value.ts';

/** Holds expectations against observations. Each call ends in one check. */
export interface Expect {
  /** Of the kernel's table: `expect(server).state('TIME_WAIT')`. */
  (subject: Subject, about?: About): StateExpectation;
  /** Of a server or a client that is being started: `expect(lab.server(...)).fails('bind', 'EADDRINUSE')`. */
  (start: Promise<Server | Client>, about?: About): StartExpectation;
  /** Of a number, a text or anything else that was measured. */
  value<Value extends string | number | boolean>(
    title: string,
    value: Value,
    about?: About,
  ): ValueExpectation<Value>;
  /** Of a span in milliseconds, or of the limits between which looking has found it. */
  span(title: string, span: number | Measured, about?: About): SpanExpectation;
}

export function createExpect(lab: Lab, record: ReportCheck, patienceMs: number): Expect {
  function expect(subject: Subject, about?: About): StateExpectation;
  function expect(start: Promise<Server | Client>, about?: About): StartExpectation;
  function expect(
    subject: Subject | Promise<Server | Client>,
    about: About = {},
  ): StateExpectation | StartExpectation {
    if (subject instanceof Promise) return new StartExpectation(lab, record, subject, about);
    return new StateExpectation(lab, record, subject, about, patienceMs);
  }
  return Object.assign(expect, {
    value: <Value extends string | number | boolean>(title: string, value: Value, about: About = {}) =>
      new ValueExpectation(record, title, value, about),
    span: (title: string, span: number | Measured, about: About = {}) =>
      new SpanExpectation(record, title, span, about),
  });
}
