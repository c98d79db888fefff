import { type Context, createContext, Script } from 'node:vm';

/** A regular expression that backtracks for longer blocks all clients. */
const limitMs = 1000;

const test = new Script('answer.test(text)');

/** Whether an answer is whole. */
export class AnswerMatcher {
  static readonly #known = new Map<string, AnswerMatcher>();
  readonly #context: Context;

  private constructor(source: string) {
    this.#context = createContext({ answer: new RegExp(source) });
  }

  static of(source: string): AnswerMatcher {
    const known = AnswerMatcher.#known.get(source) ?? new AnswerMatcher(source);
    AnswerMatcher.#known.set(source, known);
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
