import { partOf, repeated } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './target.ts';

// Below that, what is measured is the clock and the compiler.
const enoughMs = 15;
const tries = 4;

/** How many times longer a reader takes for twice as much of the same; null where it is too quick to be measured. */
export interface Growth {
  readonly target: string;
  readonly times: number;
  readonly ms: number;
  readonly part: Buffer;
}

/** Repeats a part of a sample until its reader is measurably slow, and then twice as often. */
export function growthOf(target: Target, random: Random): Growth | null {
  const sample = random.pick(target.samples);
  const part = Buffer.concat([
    partOf(sample, random),
    Buffer.from(random.pick(['', ' ', '\0', '\n', ')', 'a', '1', '\\'])),
  ]);
  if (part.length === 0) return null;
  const tail = Buffer.from(random.pick(['', 'x', '\n']));
  const inputOf = (count: number) => Buffer.concat([repeated(part, count), tail]);
  let count = Math.ceil(2000 / part.length);
  while (part.length * count < 1_000_000 && cpuMs(target, inputOf(count)) < enoughMs) count *= 2;
  // The least of several: others are at work on the machine.
  const least = (input: Buffer) => Math.min(...Array.from({ length: tries }, () => cpuMs(target, input)));
  const measured = (from: number) => {
    const ms = least(inputOf(from));
    return { target: target.name, times: least(inputOf(from * 2)) / ms, ms, part };
  };
  const first = measured(count);
  if (first.ms < enoughMs) return null;
  // On a busy machine all tries of one size may be unlucky, and the memory of V8 grows in steps. A reader that is too slow is so each time,
  // and for more of the same, too.
  const again = first.times > 3 ? [measured(count), measured(count * 2)] : [];
  return [first, ...again].reduce((least, one) => (one.times < least.times ? one : least));
}

function cpuMs(target: Target, input: Buffer): number {
  const before = process.cpuUsage();
  try {
    target.read(input);
  } catch {
    // What is refused takes its time as well.
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
