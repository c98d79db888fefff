import { scaleLinear } from 'd3-scale';
import type { RestartDocument } from '../documents/restart.ts';
import { box, type Drawn, draw } from './drawn.ts';
import { known, momentHeight, momentLines, picture, roomOf, rowName, type Scale, timeGrid } from './parts.ts';

type Run = RestartDocument['runs'][number];
type Reload = NonNullable<Run['reload']>;

const top = 20;

interface Process extends Omit<Reload['listenedBefore'][number], 'connections'> {
  readonly listened: 'before' | 'before and after' | 'after';
  readonly connections: string;
}

/** The processes that listened before or after the reload. */
export function processesOf({ listenedBefore, listensAfter }: Reload): readonly Process[] {
  const after = new Map(listensAfter.map(({ pid, connections }) => [pid, connections]));
  const before = new Set(listenedBefore.map(({ pid }) => pid));
  return [
    ...listenedBefore.map(({ connections, ...one }): Process => {
      const later = after.get(one.pid);
      const earlier = `${connections} before`;
      return later === undefined
        ? { ...one, listened: 'before', connections: earlier }
        : { ...one, listened: 'before and after', connections: `${earlier}, ${later} after` };
    }),
    ...listensAfter
      .filter(({ pid }) => !before.has(pid))
      .map(
        ({ connections, ...one }): Process => ({
          ...one,
          listened: 'after',
          connections: `${connections} after`,
        }),
      ),
  ];
}

/** The processes that listened before and after a reload, since when they did, and the times in which requests were lost. */
export function listeners(reload: Reload, load: Run['load'], pictureWidth: number): Drawn {
  const [all, phases] = [processesOf(reload), load?.phases ?? []];
  const { handover, lastChangeMs } = reload;
  const room = roomOf(pictureWidth, 150);
  const { width, left, beside } = room;
  const rowHeight = beside ? 24 : 38;
  const moments = known([
    [handover === null ? 'signal' : 'second start', 0],
    ['listens', handover?.listensMs ?? null],
    [handover?.signal ?? '', handover?.toldMs ?? null],
    ['first start ends', handover?.stoppedMs ?? null],
    ['last change', handover === null ? lastChangeMs : null],
  ]);
  // Times of losses count from the signal, times of a handover from the second start.
  const shift = handover?.toldMs ?? 0;
  const lost = phases.flatMap(({ phase, lost, first, last }) =>
    first === null || last === null ? [] : [{ phase, lost, from: first + shift, to: last + shift }],
  );
  const times = [...moments.map(({ at }) => at), ...lost.flatMap(({ from, to }) => [from, to])];
  const end = Math.max(100, ...times) * 1.25;
  const x = scaleLinear([-end * 0.15, end], [left, width - 20]);
  const from = top + moments.length * momentHeight;
  const bottom = from + (all.length + (lost.length > 0 ? 1 : 0)) * rowHeight + 6;
  const rowY = (i: number) => from + (i + 1) * rowHeight - 20;
  const name = (i: number, words: string) => rowName(room, rowY(i) + 13, rowY(i) - 4, words);
  const label = 'Who listens over time; the table below lists each process';
  return picture(
    { width, height: bottom + 24, label },
    ...timeGrid(x, 6, { top: from, bottom }),
    ...all.map((one, i) => name(i, `${one.pid} ${one.name}`)),
    ...all.map((one, i) => bar(one, rowY(i), x, { left, end, stopped: handover?.stoppedMs ?? null })),
    ...(lost.length === 0 ? [] : [name(all.length, 'requests lost')]),
    ...lost.map(({ phase, lost, from, to }) =>
      draw(
        'g',
        {},
        draw('title', {}, `${lost} lost, ${phase}`),
        box(x(from) - 1, rowY(all.length), Math.max(3, x(to) - x(from)), 16, 'outage'),
      ),
    ),
    ...momentLines(moments, x, room, bottom),
  );
}

function bar(
  { startedMs, listened }: Process,
  y: number,
  x: Scale,
  { left, end, stopped }: { readonly left: number; readonly end: number; readonly stopped: number | null },
): Drawn {
  const begins = Math.max(left, listened === 'after' ? x(startedMs ?? 0) : left);
  const ends = listened === 'before' ? x(stopped ?? 0) : x(end);
  const kind = listened === 'before' ? 'listens-before' : 'listens';
  return box(begins, y, Math.max(3, ends - begins), 16, kind);
}
