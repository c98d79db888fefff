import type { MatcherContext, MatcherResult } from './matchers.ts';

type Matcher<Args extends unknown[]> = (this: MatcherContext, ...args: Args) => Promise<MatcherResult>;

/** The lines of the stack that name where a function was called. */
export type Frames = string;

/** Where this function was called. Call this before the first `await`: after it, V8 knows the line only if the caller awaits too. */
export function callerOf(called: (...args: never[]) => unknown): Frames {
  const call = { stack: '' };
  Error.captureStackTrace(call, called);
  return call.stack.slice(call.stack.indexOf('\n') + 1);
}

/** The same matcher, whose failures name the line of the test that called it. Vitest creates their error once the matcher has settled. */
export function located<Args extends unknown[]>(matcher: Matcher<Args>): Matcher<Args> {
  return function atLine(this: MatcherContext, ...args: Args) {
    const caller = callerOf(atLine);
    const result = matcher.apply(this, args);
    const settled = result.then.bind(result);
    // Vitest throws the error in what it passes to then().
    const then: typeof result.then = (judge, fail) => settled(judge && thrownAt(caller, judge), fail);
    return Object.defineProperty(result, 'then', { value: then });
  };
}

function thrownAt<Result, Judgement>(caller: Frames, judge: (result: Result) => Judgement) {
  return (result: Result): Judgement => {
    try {
      return judge(result);
    } catch (error) {
      if (error instanceof Error) error.stack = `${error.name}: ${error.message}\n${caller}`;
      throw error;
    }
  };
}
