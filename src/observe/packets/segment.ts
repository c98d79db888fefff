import type { Endpoint } from '../../address.ts';
import { headerOf, readPacketLayout } from '../../native/headers.ts';

/** The control bits of RFC 9293 section 3.1, lowest first, with those of RFC 3168. */
export const flagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'] as const;
export type Flag = (typeof flagNames)[number];

/** TSval and TSecr (RFC 7323 section 3.2). */
export interface Timestamps {
  readonly value: number;
  readonly echo: number;
}

/** One segment as it arrived. Numbers are those of the header, modulo 2^32. */
export interface Segment {
  /** In milliseconds on the clock of performance.now(). */
  readonly at: number;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly flags: readonly Flag[];
  readonly sequence: number;
  /** null if ACK is not set. */
  readonly acknowledgment: number | null;
  /** As in the header, not scaled. */
  readonly window: number;
  /** Bytes of data. */
  readonly length: number;
  readonly timestamps: Timestamps | null;
  /** Identifies it: ports, numbers, flags and window, in hexadecimal. */
  readonly header: string;
  /** From the IP header on; if the run is not recorded, little more than the headers. */
  readonly packet: Buffer;
  /** `replay`: tcpclose sent it, in the name of the side from which it seems to come. */
  readonly source: 'kernel' | 'replay';
  /** Whether it arrived, but was dropped before it reached its socket; false if unknown. */
  readonly unheard: boolean;
}

/** Reads an IP packet; undefined if it is not a TCP segment. */
export function decodeSegment(packet: Buffer, at: number): Segment | undefined {
  const layout = readPacketLayout(packet);
  if (layout === undefined) return undefined;
  const { from, to, tcpAt, dataAt, end } = layout;
  const flags = flagsOf(packet[tcpAt + 13] ?? 0);
  return {
    at,
    from,
    to,
    flags,
    sequence: packet.readUInt32BE(tcpAt + 4),
    acknowledgment: flags.includes('ACK') ? packet.readUInt32BE(tcpAt + 8) : null,
    window: packet.readUInt16BE(tcpAt + 14),
    length: end - dataAt,
    timestamps: timestampsIn(packet.subarray(tcpAt + 20, dataAt)),
    header: headerOf(packet, layout),
    packet,
    source: 'kernel',
    unheard: false,
  };
}

export function has(segment: { readonly flags: readonly Flag[] }, ...flags: readonly Flag[]): boolean {
  return flags.every((flag) => segment.flags.includes(flag));
}

function flagsOf(bits: number): Flag[] {
  return flagNames.filter((_, i) => (bits & (1 << i)) !== 0);
}

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const TIMESTAMPS = 8;
const timestampsSize = 10;

/** The offset of an option of that kind in a header; undefined without it. */
function optionAt(options: Buffer, kind: number): number | undefined {
  for (let at = 0; ; ) {
    const found = options[at] ?? END_OF_OPTIONS;
    if (found === END_OF_OPTIONS) return undefined;
    if (found === kind) return at;
    const size = found === NO_OPERATION ? 1 : (options[at + 1] ?? 0);
    if (size === 0) return undefined;
    at += size;
  }
}

/** The offset of TSval in the option of RFC 7323; undefined without one. */
export function timestampsAt(options: Buffer): number | undefined {
  const at = optionAt(options, TIMESTAMPS);
  if (at === undefined || at + timestampsSize > options.length) return undefined;
  return at + 2;
}

function timestampsIn(options: Buffer): Timestamps | null {
  const at = timestampsAt(options);
  if (at === undefined) return null;
  return { value: options.readUInt32BE(at), echo: options.readUInt32BE(at + 4) };
}
