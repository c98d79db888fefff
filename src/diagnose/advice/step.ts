import type { Harmless } from '../../foreign.ts';
import type { Code } from './languages.ts';

/** One thing to do. */
export interface Step {
  readonly text: string;
  /** To be pasted into a shell as it is; null where there is nothing to paste. */
  readonly command: Harmless | null;
  /** What it takes in a program of each language; null where it takes no change of a program. */
  readonly code: Code | null;
}

export function step(text: string, command: Harmless | null = null): Step {
  return { text, command, code: null };
}

export function codeStep(text: string, code: Code): Step {
  return { text, command: null, code };
}
