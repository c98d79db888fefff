import { areTexts } from '../api/option-kinds.ts';
import type { RestartOptions } from '../api/restart.ts';
import { before, type SocketOptions } from './before.ts';
import { checkRestart, checkSockets, type Found } from './checks.ts';

/** What the matchers add to `expect(...)`. */
export interface TcpcloseMatchers<Result = Promise<void>> {
  /** The command starts a server that survives a restart: `await expect(['node', 'server.js']).toSurviveRestart()`. */
  toSurviveRestart(options?: RestartOptions): Result;
  /** Neither this process nor a descendant has a TCP socket that it did not have before: `await expect(process).toLeaveNoSockets()`. */
  toLeaveNoSockets(options?: SocketOptions): Result;
}

export interface MatcherContext {
  readonly isNot?: boolean;
  /** The test, if the runner says which: Vitest since 4.1. Its signal aborts when the test is over its time. */
  readonly task?: { readonly context?: { readonly signal?: AbortSignal } } | undefined;
}

export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

export const matchers = {
  async toSurviveRestart(
    this: MatcherContext,
    command: unknown,
    options?: RestartOptions,
  ): Promise<MatcherResult> {
    if (!areTexts(command)) return resultOf(noCommand, this.isNot);
    return resultOf(await checkRestart(command, untilOver(this, options)), this.isNot);
  },

  async toLeaveNoSockets(this: MatcherContext, _: unknown, options?: SocketOptions): Promise<MatcherResult> {
    return resultOf(await checkSockets({ ...options, except: before }), this.isNot);
  },
};

// A test that the runner has given up would go on beside the next ones, and hold their port.
function untilOver({ task }: MatcherContext, options?: RestartOptions): RestartOptions | undefined {
  const over = task?.context?.signal;
  const signals = [over, options?.abortSignal].filter((signal) => signal instanceof AbortSignal);
  return over === undefined ? options : { ...options, abortSignal: AbortSignal.any(signals) };
}

const noCommand: Found = {
  state: 'undecided',
  text: "toSurviveRestart() needs the words of a command: expect(['node', 'server.js'])",
};

// What is not decided fails, negated or not.
function resultOf({ state, text }: Found, isNot = false): MatcherResult {
  return { pass: state === 'undecided' ? isNot : state === 'passed', message: () => text };
}
