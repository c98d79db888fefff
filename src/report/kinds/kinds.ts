import * as v from 'valibot';
import type { DocumentKind } from './kind.ts';

/** By the command that prints the document. Each is loaded when it is needed; a command without one has no rendered formats. */
const kinds = {
  demo: async () => (await import('./demo.ts')).demoKind,
  test: async () => (await import('./test.ts')).testKind,
  claims: async () => (await import('./claims.ts')).claimsKind,
  matrix: async () => (await import('./matrix.ts')).matrixKind,
  restart: async () => (await import('./restart.ts')).restartKind,
  idle: async () => (await import('./idle.ts')).idleKind,
  audit: async () => (await import('./audit.ts')).auditKind,
  why: async () => (await import('./why.ts')).whyKind,
  run: async () => (await import('./run.ts')).runKind,
  doctor: async () => (await import('./doctor.ts')).doctorKind,
  merge: async () => (await import('./merge.ts')).mergeKind,
  watch: async () => (await import('./watch.ts')).watchKind,
  tour: async () => (await import('./tour.ts')).tourKind,
  list: async () => (await import('./list.ts')).listKind,
  explain: async () => (await import('./explain.ts')).explainKind,
  init: async () => (await import('./init.ts')).initKind,
} as const;

type Command = keyof typeof kinds;
/** Commands whose results can be shown. */
export const kindNames = Object.keys(kinds) as readonly Command[];

// biome-ignore lint/suspicious/noExplicitAny: each takes what its own schema has let in.
export type AnyKind = DocumentKind<any>;

/** undefined if the documents of that command cannot be rendered. */
export async function kindOf(command: string): Promise<AnyKind | undefined> {
  const name = kindNames.find((known) => known === command);
  return name === undefined ? undefined : kinds[name]();
}

/** What only the documents of a command have. Of the others nothing is shown later. */
const marks = {
  demo: ['steps'],
  test: ['scenarios'],
  claims: ['claims'],
  matrix: ['cells', 'differences'],
  restart: ['runs'],
  idle: ['comparisons'],
  audit: ['thresholds'],
  why: ['advice', 'listeners', 'answers'],
  run: ['disturbed'],
  doctor: ['groups'],
} as const satisfies Partial<Readonly<Record<Command, readonly string[]>>>;

export type KindName = keyof typeof marks;
/** The commands whose saved documents can be rendered. */
export const savedNames = Object.keys(marks) as readonly KindName[];

/** Whose document it is; `why` it is nobody's. */
export async function recognise(
  document: unknown,
): Promise<
  | { readonly state: 'known'; readonly name: KindName; readonly kind: AnyKind }
  | { readonly state: 'unknown'; readonly why: string }
> {
  const name = savedNames.find((known) => marks[known].some((mark) => has(document, mark)));
  if (name === undefined) return { state: 'unknown', why: 'it has the parts of none' };
  const kind: AnyKind = await kinds[name]();
  const { success, issues } = v.safeParse(kind.schema, document);
  if (success) return { state: 'known', name, kind };
  const [first] = issues;
  const path = v.getDotPath(first);
  return {
    state: 'unknown',
    why: `read as one of ${name}, ${path === null ? '' : `${path}: `}${first.message}`,
  };
}

function has(document: unknown, part: string): boolean {
  return typeof document === 'object' && document !== null && part in document;
}
