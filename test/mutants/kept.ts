import { readFileSync, writeFileSync } from 'node:fs';
import { type KeptMutants, keptIn } from '../../build/truth.ts';

/** Changes the kept results, from which docs/truth.md is written. */
export function keep(change: (before: KeptMutants) => KeptMutants): void {
  const before: KeptMutants = JSON.parse(readFileSync(keptIn.mutants, 'utf8'));
  writeFileSync(keptIn.mutants, `${JSON.stringify(change(before), null, 1)}\n`);
}
