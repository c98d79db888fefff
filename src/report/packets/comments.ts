import type { Event, StepEvent } from '../../events.ts';
import type { RecordedConnection, Recording, SideTransition } from '../../observe/packets/recording.ts';
import { remarksOf, stateName } from '../drawing/words.ts';

type Segment = Recording['segments'][number];
export type CheckEvent = Extract<Event, { type: 'check' }>;

/** Events of a run that explain a packet. */
export interface Story {
  readonly steps: readonly StepEvent[];
  readonly checks: readonly CheckEvent[];
}

/** The comment of each packet: the states of both ends, the step, and the checks before the next packet. */
export function commentsOf(recording: Recording, story: Story): Map<Segment, string> {
  const { segments, connections } = recording;
  // A connection has its own copies of the segments, with the same packet.
  const connectionOf = new Map(
    connections.flatMap((connection) =>
      connection.segments.map(({ packet }) => [packet, connection] as const),
    ),
  );
  return new Map(
    segments.map((segment, i) => {
      const next = segments[i + 1]?.at ?? Number.POSITIVE_INFINITY;
      const connection = connectionOf.get(segment.packet);
      return [segment, [...statesAt(segment, connection), ...storyAt(segment.at, next, story)].join('\n')];
    }),
  );
}

function statesAt(segment: Segment, connection: RecordedConnection | undefined): string[] {
  if (connection === undefined) return [];
  const { transitions } = connection;
  const brought = transitions.filter(({ segmentAt }) => segmentAt === segment.at);
  // A change counts from the segment that caused it; it is seen a moment later.
  const since = ({ segmentAt, at }: SideTransition) => segmentAt ?? at;
  const before = (side: 'client' | 'server') =>
    stateName(
      transitions.findLast((one) => one.side === side && since(one) <= segment.at && !brought.includes(one))
        ?.to ?? null,
    );
  return [
    `client ${before('client')}, server ${before('server')}`,
    ...brought.map(({ side, to }: SideTransition) =>
      to === null ? `the ${side} has no socket any more` : `the ${side} enters ${to}`,
    ),
    ...remarksOf(segment),
  ];
}

function storyAt(at: number, next: number, { steps, checks }: Story): string[] {
  const step = steps.findLast((one) => one.at <= at);
  const made = checks.filter((one) => one.at >= at && one.at < next);
  return [
    ...(step === undefined ? [] : [`step ${step.number}: ${step.title}`]),
    ...made.map(({ check: { verdict, title, observed } }) => `check ${verdict}: ${title}: ${observed}`),
  ];
}
