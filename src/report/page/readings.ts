import type { RunDocument } from '../documents/run.ts';
import type { Stay } from '../drawing/collect.ts';
import { endpoint, moment } from '../drawing/words.ts';

type Reading = RunDocument['steps'][number]['snapshots'][number];
type Endpoint = Parameters<typeof endpoint>[0];

/** When the kernel was read. An answer takes a while, and shows the sockets at some moment within it. */
export function readingTime({ atMs, answeredAtMs }: Reading): string {
  if (answeredAtMs !== undefined) return `between ${moment(atMs)} and ${moment(answeredAtMs)}`;
  return `asked at ${moment(atMs)}, answered later`;
}

/** The line of the kernel's table that was read while a state lasted, and that shows it. */
export function rowOf(run: RunDocument, own: Endpoint, other: Endpoint, stay: Stay): string | null {
  const [from, to] = [stay.began.notBefore ?? stay.from, stay.to ?? Number.POSITIVE_INFINITY];
  for (const { snapshots } of run.steps) {
    for (const reading of snapshots) {
      const until = reading.answeredAtMs ?? Number.POSITIVE_INFINITY;
      if (reading.atMs > to || until < from) continue;
      const row = reading.rows.find(
        ({ state, local, remote }) => state === stay.state && same(local, own) && same(remote, other),
      );
      const line = row === undefined ? null : lineOf(reading.raw, endpoint(own), endpoint(other));
      if (line !== null) return `${reading.command}\n${line}\nread ${readingTime(reading)}`;
    }
  }
  return null;
}

function same(one: Endpoint, other: Endpoint): boolean {
  return one.port === other.port && one.address === other.address;
}

function lineOf(raw: string, own: string, other: string): string | null {
  const lines = raw
    .split('\n')
    .filter((line) => line.includes(own) && line.indexOf(own) < line.indexOf(other));
  return lines[0] ?? null;
}
