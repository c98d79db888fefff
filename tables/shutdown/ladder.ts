import type { Connection, ConnectionSegment } from '../../src/observe/packets/connections.ts';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { describeSegment } from '../../src/report/packets/rows.ts';
import { isOutage } from './outage.ts';
import type { Arrow, ClientKind, Ladder } from './result.ts';

type Load = NonNullable<RestartDocument['runs'][number]['load']>;
type Lost = Load['lostRequests'][number];

/** What is drawn before the request: the end of the answer before, or the handshake. */
const before = 3;
const most = 14;

/** The first lost request that was captured. */
export function ladderOf(
  node: number,
  { lostRequests }: Load,
  connections: readonly Connection[],
): Ladder | undefined {
  for (const lost of lostRequests.filter(({ cause }) => !isOutage(cause))) {
    const arrows = arrowsOf(lost, connections);
    if (arrows === undefined) continue;
    return { node, kind: lost.kind as ClientKind, ending: lost.class, cause: lost.cause, arrows };
  }
  return undefined;
}

function arrowsOf({ id, localPort, begun }: Lost, connections: readonly Connection[]): Arrow[] | undefined {
  const mark = new RegExp(`x-request-id: *tcpclose-${id}\\r\\n`, 'i');
  for (const { client, segments } of connections) {
    if (client.port !== localPort) continue;
    const asked = segments.findIndex(({ packet }) => mark.test(packet.toString('latin1')));
    const request = segments[asked];
    if (request === undefined) continue;
    // The document counts from the signal, the capture by the clock.
    const signalAt = request.at - (begun ?? 0);
    return segments
      .slice(Math.max(0, asked - before), asked + most)
      .map((segment) => ({ ms: round(segment.at - signalAt), from: segment.sender, text: textOf(segment) }));
  }
  return undefined;
}

/** The segment, and the first line of what it carries. */
function textOf(segment: ConnectionSegment): string {
  const [head = ''] = segment.packet
    .subarray(segment.packet.length - segment.length)
    .toString('latin1')
    .split('\r\n');
  const flags = describeSegment(segment).replace(/ (seq|ack|len) -?\d+/g, '');
  return segment.length === 0 ? flags : `${flags}  ${head.replace(/[^ -~]/g, '.').slice(0, 40)}`;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
