import { type Context, createContext, Script } from 'node:vm';
import { type Pattern, regexOf } from '../../rpc/pattern.ts';

/** A regular expression that backtracks for longer than this blocks all clients. */
const limitMs = 1000;

/** With the flag `g` or `y`, it would continue where it last matched. */
const test = new Script('answer.lastIndex = 0; answer.test(text)');

/** Whether an answer is complete. */
export class AnswerMatcher {
  static readonly #known = new Map<string, AnswerMatcher>();
  readonly #context: Context;

  private constructor(answer: Pattern) {
    this.#context = createContext({ answer: regexOf(answer) });
  }

  static of(answer: Pattern): AnswerMatcher {
    const text = String(regexOf(answer));
    const known = AnswerMatcher.#known.get(text) ?? new AnswerMatcher(answer);
    AnswerMatcher.#known.set(text, known);
    return known;
  }

  matches(text: string): 'yes' | 'no' | 'given up' {
    this.#context['text'] = text;
    try {
      return test.runInContext(this.#context, { timeout: limitMs }) === true ? 'yes' : 'no';
    } catch {
      return 'given up';
    }
  }
}
