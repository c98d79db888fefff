import { encodePcap } from '../../observe/packets/pcap.ts';
import { encodePcapng } from '../../observe/packets/pcapng.ts';
import type { Recording } from '../../observe/packets/recording.ts';
import { packageVersion } from '../../package.ts';
import { commentsOf, type Story } from './comments.ts';

/** All packets of a run, as a file. */
export function pcapOf({ segments }: Recording): Buffer {
  return encodePcap(segments.map(({ at, packet }) => ({ epochMs: performance.timeOrigin + at, packet })));
}

/** The same with a comment beside each packet: the states of both ends, the step, and the checks that followed. */
export function pcapngOf(recording: Recording, story: Story): Buffer {
  const comments = commentsOf(recording, story);
  const packets = recording.segments.map((segment) => ({
    epochMs: performance.timeOrigin + segment.at,
    packet: segment.packet,
    comment: comments.get(segment) ?? '',
  }));
  return encodePcapng(packets, `tcpclose ${packageVersion()}`);
}
