import { encodePcap } from '../../observe/packets/pcap.ts';
import type { Recording } from '../../observe/packets/recording.ts';

/** All packets of a run as a file. */
export function pcapOf({ segments }: Recording): Buffer {
  return encodePcap(segments.map(({ at, packet }) => ({ epochMs: performance.timeOrigin + at, packet })));
}
