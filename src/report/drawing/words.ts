/** How times, endpoints and segments are written in pictures and beside them. */
import type { RunDocument } from '../documents/run.ts';

export type Connection = NonNullable<RunDocument['recording']>['connections'][number];
export type Segment = Connection['segments'][number];
export type Transition = Connection['transitions'][number];
export const sides = ['client', 'server'] as const;
export type Side = (typeof sides)[number];

/** `20 µs`, `3.48 ms`, `59.9 s`: three digits. */
export function span(ms: number): string {
  if (ms < 0) return `-${span(-ms)}`;
  if (ms === 0) return '0 ms';
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${digits(ms)} ms`;
  return `${digits(ms / 1000)} s`;
}

export function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A time in the run, as the document has it. */
export function moment(ms: number): string {
  return `${ms.toFixed(3)} ms`;
}

export function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

const order = ['SYN', 'FIN', 'RST', 'PSH', 'URG', 'ECE', 'CWR', 'ACK'];

/** The flags, with SYN and FIN first as in the figures of RFC 9293. */
export function flagsOf({ flags }: Pick<Segment, 'flags'>): string {
  return [...flags].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(' ');
}

/** `FIN ACK seq 1 ack 1`. */
export function describeSegment(segment: Segment): string {
  const { sequence, acknowledgment, length } = segment;
  const numbers = `seq ${sequence}${acknowledgment === null ? '' : ` ack ${acknowledgment}`}`;
  return `${flagsOf(segment)} ${numbers}${length === 0 ? '' : ` len ${length}`}`.trim();
}

/** What is unusual about a segment. */
export function remarksOf({ source, unheard }: Pick<Segment, 'source' | 'unheard'>): string[] {
  return [
    ...(source === 'replay' ? ['replayed by tcpclose'] : []),
    ...(unheard ? ['dropped before it reached the socket'] : []),
  ];
}

export function stateName(state: string | null): string {
  return state ?? 'no socket';
}

/** The letter of a connection in pictures: A to Z, then numbers. */
export function letterOf(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : String(index + 1);
}

/** The name of the peer at this end of a connection, as the run announced it. */
export function peerName({ steps }: Pick<RunDocument, 'steps'>, connection: Connection, side: Side): string {
  const { client, server } = connection;
  const parties = steps.flatMap((step) => step.parties);
  const began = connection.segments[0]?.atMs ?? Number.POSITIVE_INFINITY;
  const announced = (words: string) => parties.filter(({ description }) => description.includes(words));
  const found =
    side === 'client'
      ? announced(` ${endpoint(client)} to `)
      : announced(`listens on `).filter(({ description }) => description.includes(`:${server.port},`));
  // A port may have had several servers: take the last one before the connection. A client is announced after it has connected.
  const before = found.filter(({ atMs }) => (side === 'client' ? atMs >= began : atMs <= began));
  const party = side === 'client' ? before[0] : before.at(-1);
  return party === undefined ? side : partyName(parties, party);
}

type Party = RunDocument['steps'][number]['parties'][number];

/** The name of a process, with a number if the run has several of that name. */
export function partyName(parties: readonly Party[], { name, pid, atMs }: Party): string {
  const alike = parties.filter((one) => one.name === name);
  if (alike.length < 2) return name;
  return `${name} ${alike.findIndex((one) => one.pid === pid && one.atMs === atMs) + 1}`;
}
