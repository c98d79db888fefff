import type { RunDocument } from './documents/run.ts';
import { livesOf, staysOf, timesOf } from './drawing/collect.ts';
import { describeSegment, endpoint, letterOf, type Segment, sides } from './drawing/words.ts';

type TraceEvent = Readonly<Record<string, unknown>>;

/** Threads of a connection, in the order of the picture: the segments lie between the states of the ends. */
const rows = { client: 1, clientSegments: 2, serverSegments: 3, server: 4 } as const;
/** A thread's number is unique in the whole file: Perfetto looks up the names of threads by it alone. */
const threadOf = (pid: number, row: number) => pid * 1000 + row;
const storyPid = 1;
const processesPid = 2;
const firstConnectionPid = 10;

/**
 * A run in the trace event format of Chrome, which Perfetto and speedscope open: states are slices, segments are flow arrows, processes
 * are tracks. Times are in microseconds since the run began. Speedscope shows the slices, and neither arrows nor checks.
 */
export function traceOf(run: RunDocument): string {
  const end = timesOf(run).reduce((most, time) => Math.max(most, time), 0);
  const traceEvents = [
    ...named(storyPid, 'the story', ['steps', 'checks']),
    ...stepsOf(run, end),
    ...checksOf(run),
    ...processesOf(run, end),
    ...(run.recording?.connections ?? []).flatMap((_, index) => connectionOf(run, index, end)),
  ];
  const { scenario, title, environment } = run;
  return `${JSON.stringify({ displayTimeUnit: 'ms', otherData: { scenario, title, kernel: environment?.kernel ?? null }, traceEvents })}\n`;
}

function named(pid: number, process: string, threads: readonly string[]): TraceEvent[] {
  return [
    { ph: 'M', name: 'process_name', pid, args: { name: process } },
    { ph: 'M', name: 'process_sort_index', pid, args: { sort_index: pid } },
    ...threads.map((name, i) => ({
      ph: 'M',
      name: 'thread_name',
      pid,
      tid: threadOf(pid, i + 1),
      args: { name },
    })),
    ...threads.map((_, i) => ({
      ph: 'M',
      name: 'thread_sort_index',
      pid,
      tid: threadOf(pid, i + 1),
      args: { sort_index: i },
    })),
  ];
}

/** A slice ends where the next one begins, even when rounded: Perfetto drops a slice that overlaps another. */
function slice(
  name: string,
  cat: string,
  pid: number,
  row: number,
  [from, to]: readonly [number, number],
  args = {},
): TraceEvent {
  const [ts, end] = [microseconds(from), microseconds(to)];
  return { ph: 'X', name, cat, pid, tid: threadOf(pid, row), ts, dur: Math.max(0, end - ts), args };
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000);
}

function stepsOf({ steps }: RunDocument, end: number): TraceEvent[] {
  return steps
    .filter(({ number }) => number > 0)
    .map(({ number, title, atMs }, i, all) =>
      slice(`${number}  ${title}`, 'step', storyPid, 1, [atMs, all[i + 1]?.atMs ?? end]),
    );
}

function checksOf({ checks }: RunDocument): TraceEvent[] {
  return checks.map(({ title, expected, observed, verdict, atMs }) => ({
    ...{ ph: 'i', s: 't', cat: 'check', pid: storyPid, tid: threadOf(storyPid, 2), ts: microseconds(atMs) },
    name: `${verdict}: ${title}: ${observed}`,
    args: { expected, observed, verdict },
  }));
}

function processesOf(run: RunDocument, end: number): TraceEvent[] {
  const lives = livesOf(run);
  const names = lives.map(({ name, pid }) => `${name} ${pid}`);
  return [
    ...named(processesPid, 'processes', names),
    ...lives.map(({ name, pid, description, born, killed }, i) =>
      slice(`${name}, pid ${pid}`, 'process', processesPid, i + 1, [born, killed?.at ?? end], {
        description,
        ended: killed?.by ?? 'not by this run',
      }),
    ),
  ];
}

function connectionOf(run: RunDocument, index: number, end: number): TraceEvent[] {
  const connection = run.recording?.connections[index];
  if (connection === undefined) return [];
  const pid = firstConnectionPid + index;
  const words = `${letterOf(index)}  ${endpoint(connection.client)} to ${endpoint(connection.server)}`;
  return [
    ...named(pid, words, ['client', "client's segments", "server's segments", 'server']),
    ...sides.flatMap((side) =>
      staysOf(connection, side).map(({ state, from, to }) =>
        slice(state, 'state', pid, rows[side], [from, to ?? end]),
      ),
    ),
    ...connection.segments.flatMap((segment, i) => arrow(segment, pid, index * 2 ** 32 + i)),
  ];
}

/**
 * A flow begins and ends in slices: these last a microsecond, at the time when the segment arrived. Its id is a number: Perfetto reads a
 * text as hexadecimal, and leaves out an arrow whose id it cannot read.
 */
function arrow(segment: Segment, pid: number, id: number): TraceEvent[] {
  const [from, to] =
    segment.from === 'client'
      ? [rows.clientSegments, rows.serverSegments]
      : [rows.serverSegments, rows.clientSegments];
  const name = describeSegment(segment);
  const { atMs, source, unheard } = segment;
  const at = [atMs, atMs + 0.001] as const;
  const flow = { cat: 'segment', name, id, pid, ts: microseconds(atMs) };
  return [
    slice(name, 'segment', pid, from, at, { source, unheard }),
    // A segment that its socket never received arrives nowhere.
    ...(unheard
      ? []
      : [
          slice(name, 'segment', pid, to, at, { source }),
          { ...flow, ph: 's', tid: threadOf(pid, from) },
          { ...flow, ph: 'f', bp: 'e', tid: threadOf(pid, to) },
        ]),
  ];
}
