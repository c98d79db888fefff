import type { Invocation } from '../src/cli/command-entry.ts';
import { commands } from '../src/cli/commands.ts';
import type { Interruption } from '../src/cli/interruption.ts';

/** For commands that are described, and never run. */
export const described: Invocation = {
  args: [],
  commands,
  interruption: { signal: new AbortController().signal } as Interruption,
  finish: () => {},
};
