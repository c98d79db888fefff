import { expect } from 'vitest';
import type { WatchDocument } from '../../../src/report/documents/watch.ts';
import { schemaErrors } from '../../support/schema.ts';

export function eventsOf(stdout: string): WatchDocument[] {
  const events: WatchDocument[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const event of events) expect(schemaErrors('watch', event)).toEqual([]);
  return events;
}

/** The states that the port's own end came to, from one to the next; FIN_WAIT1 is over before it is seen, as a rule. */
export function statesOf(events: readonly WatchDocument[], port: number): (string | null)[] {
  return events
    .flatMap((event) => (event.type === 'transition' && event.local.port === port ? [event.to] : []))
    .filter((state) => state !== 'FIN_WAIT1');
}
