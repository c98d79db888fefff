import type { ConnectionSegment } from './connections.ts';
import type { Flag } from './segment.ts';

const controlBits: readonly Flag[] = ['SYN', 'FIN', 'RST', 'PSH', 'URG', 'ACK'];

/**
 * Segments in the notation of RFC 9293's figures, `client <SEQ=100> <ACK=300> <CTL=FIN,ACK>`, renumbered so that the first one has the
 * given numbers: one for its own side and one for the other.
 */
export function inFigure(
  segments: readonly ConnectionSegment[],
  { sequence, acknowledgment }: { sequence: number; acknowledgment: number },
): string[] {
  const [first] = segments;
  if (first === undefined) return [];
  const own = sequence - first.relativeSequence;
  const other = acknowledgment - (first.relativeAcknowledgment ?? 0);
  return segments.map(({ sender, flags, relativeSequence, relativeAcknowledgment }) => {
    const [here, there] = sender === first.sender ? [own, other] : [other, own];
    const acknowledged = relativeAcknowledgment === null ? '' : ` <ACK=${relativeAcknowledgment + there}>`;
    const control = controlBits.filter((flag) => flags.includes(flag)).join(',');
    return `${sender} <SEQ=${relativeSequence + here}>${acknowledged} <CTL=${control}>`;
  });
}
