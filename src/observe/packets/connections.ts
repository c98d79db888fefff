import { type Endpoint, formatEndpoint, sameEndpoint } from '../../address.ts';
import { has, type Segment } from './segment.ts';

export type Role = 'client' | 'server';

/** A segment of a connection, with numbers that count from the first sequence number of each side. */
export interface ConnectionSegment extends Segment {
  readonly sender: Role;
  /** Relative; negative where it lies before the connection's own, as that of an old duplicate may. */
  readonly relativeSequence: number;
  /** Relative to the other side's; null where ACK is not set. */
  readonly relativeAcknowledgment: number | null;
}

/** One incarnation of a pair of endpoints. */
export interface Connection {
  /** Who sent the first SYN, or what was seen first where no SYN was. */
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly segments: readonly ConnectionSegment[];
}

/** Puts segments together to connections, in the order in which these began. A new SYN begins a new incarnation of its pair. */
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

/** The same for both directions. */
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

  /** A SYN of other number than the side's own, unless that side has said nothing yet: then both open at once. */
  isSucceededBy(segment: Segment): boolean {
    if (!has(segment, 'SYN') || has(segment, 'ACK')) return false;
    const initial = this.#initial[this.#roleOf(segment)];
    const began = this.#segments.some(({ flags }) => flags.includes('ACK'));
    return initial === undefined ? began : initial !== segment.sequence;
  }

  add(segment: Segment): void {
    const sender = this.#roleOf(segment);
    const { sequence, acknowledgment } = segment;
    // A SYN says where its side begins; what an old duplicate or TIME_WAIT has said before may have been taken for it.
    this.#initial[sender] = has(segment, 'SYN') ? sequence : (this.#initial[sender] ?? sequence);
    // Of a side that has not spoken yet it is known what the other has heard of it.
    if (acknowledgment !== null) this.#initial[otherThan(sender)] ??= acknowledgment - 1;
    this.#segments.push(segment);
  }

  /** Numbered at last, since it may turn out late where a side begins. */
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

/** Modulo 2^32, the shorter way round. */
function difference(a: number, b: number): number {
  return (a - b) | 0;
}
