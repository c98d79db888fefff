import { expect, test } from 'vitest';
import type { ConnectionSegment } from '../../src/observe/packets/connections.ts';
import type { RecordedConnection, Recording, SideTransition } from '../../src/observe/packets/recording.ts';
import { decodeSegment, type Flag } from '../../src/observe/packets/segment.ts';
import { ladder } from '../../src/report/packets/ladder.ts';
import { ladderRows } from '../../src/report/packets/rows.ts';
import { plain } from '../../src/report/paint.ts';
import { makePacket } from '../support/packets.ts';

const client = { address: '127.0.0.1', port: 40_000 };
const server = { address: '127.0.0.1', port: 80 };

function sent(at: number, flags: readonly Flag[]): ConnectionSegment {
  const packet = makePacket({ from: client, to: server, flags, data: Buffer.from('data') });
  const segment = decodeSegment(packet, at);
  if (segment === undefined) throw new Error('it is no segment');
  return { ...segment, sender: 'client', relativeSequence: 1, relativeAcknowledgment: 1 };
}

/** The states beside each segment, or on a line of their own. */
function drawn(segments: readonly ConnectionSegment[], to: 'FIN_WAIT1' | 'FIN_WAIT2', at: number): unknown[] {
  const transition: SideTransition = {
    ...{ notBefore: at, at, processed: null, local: client, remote: server, socket: '1' },
    ...{ from: 'ESTABLISHED', to, side: 'client', segmentAt: null },
  };
  const connection: RecordedConnection = { client, server, segments, transitions: [transition] };
  return ladderRows(connection, []).map((row) => [row.type, 'states' in row ? row.states : null]);
}

test.each([1.1, 0.9])('FIN_WAIT1 is not shown beside data %d ms away, which has no FIN', (at) => {
  const rows = drawn([sent(1, ['PSH', 'ACK'])], 'FIN_WAIT1', at);
  expect(rows).toContainEqual(['states', { client: 'FIN_WAIT1' }]);
  expect(rows).toContainEqual(['segment', {}]);
});

test('FIN_WAIT1 is shown beside the FIN that follows', () => {
  expect(drawn([sent(1, ['FIN', 'ACK'])], 'FIN_WAIT1', 0.9)).toEqual([['segment', { client: 'FIN_WAIT1' }]]);
});

test('a change that a segment may have caused is shown beside it', () => {
  expect(drawn([sent(1, ['ACK'])], 'FIN_WAIT2', 1.1)).toEqual([['segment', { client: 'FIN_WAIT2' }]]);
});

test('segments that end something stand out by colour: FIN by one, RST by another', () => {
  const paint = {
    ...plain,
    ending: (text: string) => `<end>${text}</>`,
    bad: (text: string) => `<bad>${text}</>`,
  };
  const segments = [sent(1, ['PSH', 'ACK']), sent(2, ['FIN', 'ACK']), sent(3, ['RST'])];
  const connection: RecordedConnection = { client, server, segments, transitions: [] };
  const recording: Recording = {
    ...{ connections: [connection], segments, states: 'traced', whyNotHeld: null },
    ...{ passed: 0, dropped: 0, unwatched: 0 },
  };
  const lines = ladder(recording, [], 'box', paint).filter((line) => line.includes('seq'));
  expect(lines.map((line) => /<\w+>/.exec(line)?.[0] ?? null)).toEqual([null, '<end>', '<bad>']);
});
