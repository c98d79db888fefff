import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { binaryTargets } from './binary-targets.ts';
import { impossible, isRefusal } from './invariants.ts';
import { mutate } from './mutate.ts';
import { protocolTargets } from './protocol-targets.ts';
import type { Random } from './random.ts';
import type { Target } from './target.ts';
import { textTargets } from './text-targets.ts';

export const targets: readonly Target[] = [...textTargets, ...binaryTargets, ...protocolTargets];

/** What is wrong with how an input was read; null if nothing is. */
export function whatIsWrong(target: Target, input: Buffer): string | null {
  try {
    const odd = impossible(target.read(input));
    if (odd !== null) return odd;
    const lost = target.lost?.(input) ?? 0;
    return lost === 0 ? null : `${lost} rows are lost`;
  } catch (error) {
    return isRefusal(error) ? null : `crash: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

export interface Failure {
  readonly target: string;
  readonly input: Buffer;
  readonly wrong: string;
}

/** Reads this many inputs of one target, each another mutation. */
export function fuzz(target: Target, runs: number, random: Random): Failure[] {
  const others = targets.flatMap(({ samples }) => samples);
  const failures = new Map<string, Failure>();
  for (let run = 0; run < runs; run++) {
    const input = mutate(random.pick(target.samples), random, others);
    const wrong = whatIsWrong(target, input);
    // One of a kind is enough.
    const kind = wrong?.replace(/\d+/g, 'n') ?? '';
    if (wrong !== null && !failures.has(kind)) failures.set(kind, { target: target.name, input, wrong });
  }
  return [...failures.values()];
}

const corpus = new URL('corpus/', import.meta.url);

/** Inputs that have once found something. */
export function corpusOf({ name }: Target): Buffer[] {
  const folder = new URL(`${encodeURIComponent(name)}/`, corpus);
  return existsSync(folder) ? readdirSync(folder).map((file) => readFileSync(new URL(file, folder))) : [];
}

export function keep({ target, input }: Failure): void {
  const folder = new URL(`${encodeURIComponent(target)}/`, corpus);
  mkdirSync(folder, { recursive: true });
  const name = createHash('sha256').update(input).digest('hex').slice(0, 12);
  writeFileSync(new URL(`${name}.bin`, folder), input);
}
