import type { Plan } from '../plan.ts';
import type { ConnectionEnd, FinishedRequest } from '../request.ts';
import type { Kind } from '../spec.ts';
import { HttpClient } from './http.ts';
import { RawClient } from './raw.ts';

export type Form = 'plain' | 'slow';

/** Whether it closes its connection after each answer, or keeps it for the next request. */
export type Keeping = 'closes' | 'keeps';

/** One client: it has at most one request in flight. */
export interface Client {
  /** Makes a request, on its kept connection or on a new one. Never rejects. */
  request(id: number, kind: Kind, form: Form): Promise<FinishedRequest>;
  /** Closes its connection; this ends a request in flight. */
  end(): void;
}

export function openClient(
  plan: Plan,
  keeping: Keeping,
  onEnd: (end: ConnectionEnd) => void = () => {},
): Client {
  const { protocol } = plan;
  return protocol.kind === 'http'
    ? new HttpClient(plan, protocol, keeping, onEnd)
    : new RawClient(plan, protocol, keeping, onEnd);
}
