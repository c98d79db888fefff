import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { monotonicMs } from '../../native/clock.ts';
import type { Plan } from '../plan.ts';
import type { Protocol } from '../protocol.ts';
import type { ConnectionEnd, FinishedRequest } from '../request.ts';
import type { Kind } from '../spec.ts';
import type { Client, Form, Keeping } from './client.ts';
import {
  type Answer,
  answered,
  type Begun,
  type Ending,
  endingOf,
  noAnswer,
  recordOf,
  timedOut,
} from './outcome.ts';
import { Wire } from './wire.ts';

type Http = Extract<Protocol, { kind: 'http' }>;

const wires = new WeakMap<Socket, Wire>();

/** One connection at a time, kept as Node's clients keep it, with its history. */
class OneConnection extends Agent {
  readonly #plan: Plan;
  readonly #onEnd: (end: ConnectionEnd) => void;
  wire: Wire | undefined;

  constructor(plan: Plan, keeping: Keeping, onEnd: (end: ConnectionEnd) => void) {
    super({ keepAlive: keeping === 'keeps', maxSockets: 1 });
    this.#plan = plan;
    this.#onEnd = onEnd;
  }

  override createConnection(): Socket {
    const wire = new Wire(this.#plan, this.#onEnd);
    wires.set(wire.socket, wire);
    this.wire = wire;
    return wire.socket;
  }
}

/** Speaks HTTP/1.1 with Node's own client. */
export class HttpClient implements Client {
  readonly #plan: Plan;
  readonly #http: Http;
  readonly #agent: OneConnection;

  constructor(plan: Plan, http: Http, keeping: Keeping, onEnd: (end: ConnectionEnd) => void) {
    this.#plan = plan;
    this.#http = http;
    this.#agent = new OneConnection(plan, keeping, onEnd);
  }

  request(id: number, kind: Kind, form: Form): Promise<FinishedRequest> {
    const begun: Begun = { id, kind, startedAt: monotonicMs(), sentAt: null, previous: null };
    return new Promise((resolve) => this.#send(begun, form, resolve));
  }

  end(): void {
    this.#agent.destroy();
    this.#agent.wire?.socket.destroy();
  }

  #send(begun: Begun, form: Form, done: (record: FinishedRequest) => void): void {
    const { place, timeoutMs } = this.#plan;
    const body = this.#http.body === null ? undefined : Buffer.from(this.#http.body, 'base64');
    const sent = request({
      agent: this.#agent,
      host: 'host' in place ? place.host : 'localhost',
      port: 'port' in place ? place.port : 80,
      path: (form === 'slow' ? this.#http.slowPath : null) ?? this.#http.path,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'user-agent': 'tcpclose',
        'x-request-id': `tcpclose-${begun.id}`,
        ...(body === undefined ? {} : { 'content-length': body.length }),
      },
    });
    let state: 'open' | 'given up' | 'done' = 'open';
    let wire: Wire | undefined;
    let readBefore = 0;
    let response: IncomingMessage | undefined;
    let bytes = 0;
    const finish = (ending: Ending) => {
      if (state === 'done') return;
      state = 'done';
      clearTimeout(timer);
      done(recordOf(begun, wire, ending, answerOf(response, bytes)));
    };
    const fail = (error: NodeJS.ErrnoException) => {
      if (state === 'given up') return finish(timedOut);
      const received = response !== undefined || (wire?.socket.bytesRead ?? 0) > readBefore;
      finish(endingOf(wire?.error ?? error, received ? 'some' : 'none'));
    };
    const timer = setTimeout(() => {
      state = 'given up';
      sent.destroy();
      finish(timedOut);
    }, timeoutMs);
    sent
      .once('socket', (socket) => {
        wire = wires.get(socket);
        if (wire === undefined) return;
        wire.uses++;
        begun.previous = wire.previous;
        readBefore = socket.bytesRead;
        // It failed at once, before the request could add listeners, for example because no descriptors are left.
        if (socket.destroyed) fail(new Error('closed'));
      })
      .once('response', (incoming) => {
        response = incoming;
        incoming
          .on('data', (chunk: Buffer) => {
            bytes += chunk.length;
          })
          .once('end', () => finish(incoming.complete ? answered : endingOf(wire?.error, 'some')))
          .once('error', fail);
      })
      .once('upgrade', (_, socket) => {
        socket.destroy();
        finish({ class: 'garbled', endedBy: 'error', code: 'UPGRADE' });
      })
      .once('finish', () => {
        begun.sentAt = monotonicMs();
      })
      .on('error', fail)
      .end(body);
  }
}

function answerOf(response: IncomingMessage | undefined, bytes: number): Answer {
  if (response === undefined) return noAnswer;
  const { headers, statusCode, httpVersionMinor } = response;
  const words = (headers.connection ?? '').toLowerCase();
  const hasEnd =
    headers['content-length'] !== undefined ||
    headers['transfer-encoding'] !== undefined ||
    [204, 304].includes(statusCode ?? 0);
  return {
    status: statusCode ?? null,
    bytes,
    delimited: hasEnd ? 'itself' : 'by the close',
    announcesClose: /\bclose\b/.test(words) || (httpVersionMinor === 0 && !/\bkeep-alive\b/.test(words)),
  };
}
