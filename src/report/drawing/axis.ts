import { scaleLinear } from 'd3-scale';
import { span } from './words.ts';

/** Shorter gaps are drawn in proportion to their length; longer ones by its logarithm. */
const smallestMs = 0.01;
const leastGap = 0.12;

interface Tick {
  readonly at: number;
  readonly x: number;
  readonly label: string;
}

/** Converts times to pixels. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
  x(ms: number): number;
  readonly ticks: readonly Tick[];
}

/**
 * An axis on which each gap between two neighbouring events is as wide as the logarithm of its length: a gap of 20 microseconds is visible
 * beside one of 60 seconds, and the order in time is kept.
 */
export function createAxis(
  times: readonly number[],
  [from, to]: readonly [number, number],
  [left, right]: readonly [number, number],
): Axis {
  const inside = times.filter((time) => time > from && time < to);
  const stops = [...new Set([from, ...inside, to].map(microseconds))].sort((a, b) => a - b);
  const widths = stops.slice(1).map((stop, i) => gapWidth(stop - (stops[i] ?? stop)));
  const total = widths.reduce((sum, width) => sum + width, 0) || 1;
  let sum = 0;
  const places = [0, ...widths].map((width) => {
    sum += width;
    return left + (sum / total) * (right - left);
  });
  const scale = scaleLinear(
    stops.length > 1 ? stops : [from, from + 1],
    places.length > 1 ? places : [left, right],
  );
  const x = (ms: number) => scale(Math.min(Math.max(ms, from), to));
  return { from, to, left, right, x, ticks: ticksOf(stops, x) };
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function gapWidth(ms: number): number {
  return Math.max(leastGap, Math.log10(1 + ms / smallestMs));
}

const leastDistance = 64;

/** Ticks at events: at the first, at the last, and at as many others as fit. */
function ticksOf(stops: readonly number[], x: (ms: number) => number): Tick[] {
  const [first = 0] = stops;
  const last = stops.at(-1) ?? first;
  const chosen: number[] = [first];
  for (const stop of stops.slice(1, -1)) {
    const previous = chosen.at(-1) ?? first;
    if (x(stop) - x(previous) >= leastDistance && x(last) - x(stop) >= leastDistance) chosen.push(stop);
  }
  if (last > first) chosen.push(last);
  return chosen.map((at) => ({ at, x: x(at), label: timeLabel(at) }));
}

function timeLabel(ms: number): string {
  return ms < 10_000 ? `${ms.toFixed(2)}` : `${ms.toFixed(0)}`;
}

/** The meaning of the scale, in words. */
export function axisWords(from: number, to: number): string {
  return `time in ms, ${span(to - from)} in all. Not to scale: each gap between two events is as wide as the logarithm of its length.`;
}
