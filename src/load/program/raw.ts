import { monotonicMs } from '../../native/clock.ts';
import type { Plan } from '../plan.ts';
import type { Protocol } from '../protocol.ts';
import type { ConnectionEnd, FinishedRequest } from '../request.ts';
import type { Kind } from '../spec.ts';
import { AnswerMatcher } from './answer-matcher.ts';
import type { Client, Form, Keeping } from './client.ts';
import { answered, type Begun, type Ending, endingOf, noAnswer, recordOf, timedOut } from './outcome.ts';
import { Wire } from './wire.ts';

type Raw = Extract<Protocol, { kind: 'raw' }>;

/** Sends the user's bytes, and waits until the answer matches. */
export class RawClient implements Client {
  readonly #plan: Plan;
  readonly #raw: Raw;
  readonly #keeping: Keeping;
  readonly #matcher: AnswerMatcher;
  readonly #onEnd: (end: ConnectionEnd) => void;
  #wire: Wire | undefined;

  constructor(plan: Plan, raw: Raw, keeping: Keeping, onEnd: (end: ConnectionEnd) => void) {
    this.#plan = plan;
    this.#raw = raw;
    this.#keeping = keeping;
    this.#onEnd = onEnd;
    this.#matcher = AnswerMatcher.of(raw.answer);
  }

  request(id: number, kind: Kind, form: Form): Promise<FinishedRequest> {
    const startedAt = monotonicMs();
    const isKept = this.#wire !== undefined;
    const wire = this.#wire ?? this.#open();
    this.#wire = wire;
    const begun: Begun = { id, kind, startedAt, sentAt: null, previous: wire.previous };
    wire.uses++;
    return new Promise((resolve) => this.#exchange(begun, wire, isKept ? 'kept' : 'new', form, resolve));
  }

  end(): void {
    this.#wire?.socket.destroy();
  }

  #open(): Wire {
    const wire = new Wire(this.#plan, this.#onEnd);
    const forget = () => {
      if (this.#wire === wire) this.#wire = undefined;
    };
    wire.socket.once('end', forget).once('close', forget);
    return wire;
  }

  #exchange(
    begun: Begun,
    wire: Wire,
    age: 'kept' | 'new',
    form: Form,
    done: (record: FinishedRequest) => void,
  ): void {
    const { socket } = wire;
    const { request, slowRequest, greets } = this.#raw;
    const bytes = Buffer.from((form === 'slow' ? slowRequest : null) ?? request, 'base64');
    let state: 'greeting' | 'asked' = greets === 'yes' && age === 'new' ? 'greeting' : 'asked';
    let received = 0;
    let text = '';
    const finish = (ending: Ending) => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      done(recordOf(begun, wire, ending, { ...noAnswer, bytes: received }));
      if (ending !== answered) socket.destroy();
      else if (this.#keeping === 'closes') this.#close(wire);
    };
    const ask = () => {
      state = 'asked';
      if (!socket.writable) return;
      socket.write(bytes, (error) => {
        if (error == null) begun.sentAt = monotonicMs();
      });
    };
    const onData = (chunk: Buffer) => {
      if (state === 'greeting') return ask();
      received += chunk.length;
      text = (text + chunk.toString('latin1')).slice(-keptCharacters);
      const found = this.#matcher.matches(text);
      if (found === 'yes') finish(answered);
      else if (found === 'given up') finish({ class: 'garbled', endedBy: 'error', code: 'SLOW_REGEX' });
      else if (received > longestAnswer) finish({ class: 'garbled', endedBy: 'error', code: 'TOO_LONG' });
    };
    const onClose = () => finish(endingOf(wire.error, received > 0 ? 'some' : 'none'));
    const timer = setTimeout(() => finish(timedOut), this.#plan.timeoutMs);
    socket.on('data', onData).once('close', onClose);
    if (state === 'asked') ask();
  }

  #close(wire: Wire): void {
    this.#wire = undefined;
    wire.socket.end();
  }
}

/** Only the end of a longer answer is matched. */
const keptCharacters = 64 * 1024;
const longestAnswer = 256 * 1024 * 1024;
