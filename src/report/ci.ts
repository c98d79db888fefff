/** A run in the terms of CI systems: cases in suites, each with its result. */
import type { Location } from '../events.ts';
import type { Ending, Reporter } from './reporter.ts';

export interface Case {
  /** The group of the case, such as a topic. */
  readonly suite: string;
  /** A CI system recognises the case in later runs by this and its name. */
  readonly className: string;
  readonly name: string;
  /** The name of the case where its suite is not shown. */
  readonly title: string;
  /** null if the case has no time of its own. */
  readonly durationMs: number | null;
  readonly result: CaseResult;
  readonly facts: Facts;
  /** Problems, whatever the result. */
  readonly warnings: readonly string[];
}

/**
 * `failed`: the result differs from the expected one. `errored`, `undecided`: there is no result, because something failed, or was too much
 * or too early.
 */
export type CaseResult =
  | { readonly state: 'passed'; readonly remark: string | null }
  | { readonly state: 'skipped'; readonly reason: string }
  | { readonly state: 'failed' | 'errored' | 'undecided'; readonly problems: readonly Problem[] };

export interface Problem {
  /** A short name for the kind of problem; null if it has none. */
  readonly type: string | null;
  readonly message: string;
  readonly remedy: string | null;
  /** Details beyond the message. */
  readonly text: string;
  readonly location: Location | null;
}

/** Facts besides the result, by name; null facts are left out. */
export type Facts = Readonly<Record<string, Fact | readonly Readonly<Record<string, Fact>>[]>>;
type Fact = string | number | null;

/** All results in one sentence. */
export interface Summary {
  readonly level: 'notice' | 'warning' | 'error';
  readonly text: string;
}

export function problem(message: string, rest: Partial<Problem> = {}): Problem {
  return { type: null, remedy: null, text: '', location: null, ...rest, message };
}

/** The facts in YAML; a JSON string is also a YAML string. */
export function factLines(facts: Facts): string[] {
  return Object.entries(facts).flatMap(([name, fact]) => {
    if (fact === null) return [];
    if (typeof fact !== 'object') return [`${name}: ${JSON.stringify(fact)}`];
    const items = fact.flatMap((item) =>
      factLines(item).map((line, i) => `  ${i === 0 ? '-' : ' '} ${line}`),
    );
    return items.length === 0 ? [] : [`${name}:`, ...items];
  });
}

/** Reports facts that are known only at the end: a line for each part of the document, and its cases. */
export function reportAtEnd<Document>(
  reporter: Required<Reporter<never, Document>>,
  document: Document,
  { cases, lines, ...ending }: Outcome,
): void {
  reporter.onBegin(cases.length);
  for (const line of lines) reporter.onLine(line);
  for (const result of cases) reporter.onCase(result);
  reporter.onEnd(document, { ...ending, cutShort: null });
}

interface Outcome extends Omit<Ending, 'cutShort'> {
  readonly cases: readonly Case[];
  readonly lines: readonly object[];
}

/** A line for each part, each with the common fields, and one for the end. */
export function linesOf(type: string, parts: readonly object[], common: object, end: object = {}): object[] {
  return [...parts.map((part) => ({ type, ...common, ...part })), { type: 'finished', ...common, ...end }];
}
