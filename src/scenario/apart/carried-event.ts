import type { Event } from '../../events.ts';
import { monotonicToOwn } from '../../native/clock.ts';
import { carriedError, errorOf } from './carried-error.ts';
import type { CarriedEvent } from './messages.ts';

export function carriedEvent(event: Event): CarriedEvent {
  if (event.type !== 'run finished') return event;
  const { outcome } = event;
  if (outcome.state !== 'errored') return { ...event, outcome };
  return { ...event, outcome: { state: 'errored', error: carriedError(outcome.error) } };
}

/** The event of a process with that clock, its own monotonicToOwn(), with times of this one's. */
export function eventOf(event: CarriedEvent, clock: number): Event {
  const here = (at: number) => at - clock + monotonicToOwn();
  switch (event.type) {
    case 'run finished': {
      const { outcome } = event;
      if (outcome.state !== 'errored') return { ...event, outcome };
      return { ...event, outcome: { state: 'errored', error: errorOf(outcome.error) } };
    }
    case 'run started':
    case 'step':
    case 'peer':
    case 'action':
    case 'check':
      return { ...event, at: here(event.at) };
    case 'waiting':
      return { ...event, endsAt: event.endsAt === null ? null : here(event.endsAt) };
    case 'snapshot': {
      const { snapshot } = event;
      const { askedAt, takenAt } = snapshot;
      return { ...event, snapshot: { ...snapshot, askedAt: here(askedAt), takenAt: here(takenAt) } };
    }
    case 'answered': {
      const { answer } = event;
      const { askedMs, answeredMs } = answer;
      return { ...event, answer: { ...answer, askedMs: here(askedMs), answeredMs: here(answeredMs) } };
    }
    case 'waited':
    case 'note':
    case 'load':
    case 'counters':
    case 'counted':
    case 'recorded':
      return event;
  }
}
