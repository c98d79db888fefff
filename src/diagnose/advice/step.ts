import type { Harmless } from '../../foreign.ts';
import type { Code } from './languages.ts';

/** One thing to do. */
export interface Step {
  readonly text: string;
  /** A command to paste into a shell; null if there is none. */
  readonly command: Harmless | null;
  /** The change to a program in each language; null if no program needs a change. */
  readonly code: Code | null;
}

export function step(text: string, command: Harmless | null = null): Step {
  return { text, command, code: null };
}

export function codeStep(text: string, code: Code): Step {
  return { text, command: null, code };
}
