import { type Endpoint, formatEndpoint, sameEndpoint } from '../../address.ts';
import { has, type Segment } from './segment.ts';

export type Role = 'client' | 'server';

/** A segment of a connection, with sequence numbers relative to the first one of each side. */
export interface ConnectionSegment extends Segment {
  readonly sender: Role;
  /** Relative; negative if it lies before the connection's own numbers, as in an old duplicate. */
  readonly relativeSequence: number;
  /** Relative to the other side's; null if ACK is not set. */
  readonly relativeAcknowledgment: number | null;
}

/** One incarnation of a pair of endpoints. */
export interface Connection {
  /** The sender of the first SYN, or of the first segment without one. */
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly segments: readonly ConnectionSegment[];
}

/** Groups segments by connection, in the order in which these began. A new SYN begins a new incarnation of its pair. */
export function connectionsOf(segments: readonly Segment[]): Connection[] {
  const all: Incarnation[] = [];
  const current = new Map<string, Incarnation>();
  for (const segment of segments) {
    const key = keyOf(segment.from, segment.to);
    let incarnation = current.get(key);
    if (incarnation === undefined || incarnation.isSucceededBy(segment)) {
      incarnation = new Incarnation(segment.from, segment.to);
      current.set(key, incarnation);
      all.push(incarnation);
    }
    incarnation.add(segment);
  }
  return all.map((incarnation) => incarnation.connection());
}

/** A key that is the same for both directions. */
export function keyOf(a: Endpoint, b: Endpoint): string {
  return [formatEndpoint(a), formatEndpoint(b)].sort().join(' ');
}

class Incarnation {
  readonly #client: Endpoint;
  readonly #server: Endpoint;
  readonly #segments: Segment[] = [];
  /** The sequence number from which each side counts. */
  readonly #initial: { [role in Role]?: number } = {};

  constructor(client: Endpoint, server: Endpoint) {
    this.#client = client;
    this.#server = server;
  }

  /** Whether a SYN begins another connection: its number differs from the side's. For an unknown side, both sides open at once. */
  isSucceededBy(segment: Segment): boolean {
    if (!has(segment, 'SYN') || has(segment, 'ACK')) return false;
    const initial = this.#initial[this.#roleOf(segment)];
    return initial !== undefined && initial !== segment.sequence;
  }

  add(segment: Segment): void {
    const sender = this.#roleOf(segment);
    const { sequence, acknowledgment } = segment;
    // The SYN of a side defines its first number; an old duplicate or a segment of TIME_WAIT may have been taken for the beginning.
    this.#initial[sender] = has(segment, 'SYN') ? sequence : (this.#initial[sender] ?? sequence);
    // For a side that has not sent anything yet, the acknowledgment of the other side defines it.
    if (acknowledgment !== null) this.#initial[otherThan(sender)] ??= acknowledgment - 1;
    this.#segments.push(segment);
  }

  /** The numbers are computed at the end, because the first number of a side may be known late. */
  connection(): Connection {
    const numbered = (segment: Segment): ConnectionSegment => {
      const sender = this.#roleOf(segment);
      const { sequence, acknowledgment } = segment;
      return {
        ...segment,
        sender,
        relativeSequence: difference(sequence, this.#initial[sender] ?? 0),
        relativeAcknowledgment:
          acknowledgment === null ? null : difference(acknowledgment, this.#initial[otherThan(sender)] ?? 0),
      };
    };
    return { client: this.#client, server: this.#server, segments: this.#segments.map(numbered) };
  }

  #roleOf({ from }: Segment): Role {
    return sameEndpoint(from, this.#client) ? 'client' : 'server';
  }
}

function otherThan(role: Role): Role {
  return role === 'client' ? 'server' : 'client';
}

/** The difference modulo 2^32, in the shorter direction. */
function difference(a: number, b: number): number {
  return (a - b) | 0;
}
