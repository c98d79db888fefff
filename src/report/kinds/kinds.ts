import * as v from 'valibot';
import type { DocumentKind } from './kind.ts';
import { completed } from './older.ts';

/** The kinds, by the command that prints the document. Each is loaded when used; a command that is not listed has no rendered formats. */
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
  completion: async () => (await import('./completion.ts')).completionKind,
} as const;

/** Commands whose results can be shown. */
export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly KindName[];

// biome-ignore lint/suspicious/noExplicitAny: each takes what its own schema has accepted.
export type AnyKind = DocumentKind<any>;

/** undefined if the documents of that command cannot be rendered. */
export async function kindOf(command: string): Promise<AnyKind | undefined> {
  const name = kindNames.find((known) => known === command);
  return name === undefined ? undefined : kinds[name]();
}

/** The fields by which the documents of a command are recognised. Documents of other commands cannot be rendered later. */
const marks = {
  demo: ['scenario'],
  test: ['scenarios'],
  claims: ['claims'],
  matrix: ['cells', 'differences'],
  restart: ['runs'],
  idle: ['comparisons'],
  audit: ['thresholds'],
  why: ['advice', 'listeners', 'answers'],
  run: ['disturbed'],
  doctor: ['groups'],
  watch: ['0'],
} as const satisfies Partial<Readonly<Record<KindName, readonly string[]>>>;

type SavedName = keyof typeof marks;
/** The commands whose saved documents can be rendered. */
export const savedNames = Object.keys(marks) as readonly SavedName[];

export type Recognised =
  | {
      readonly state: 'known';
      readonly name: SavedName;
      readonly kind: AnyKind;
      readonly document: unknown;
      /** What the document lacks because an earlier version saved it. */
      readonly remarks: readonly string[];
    }
  | { readonly state: 'of another version'; readonly schemaVersion: number }
  | { readonly state: 'unknown'; readonly why: string };

/** Finds the command of a document. Fields that a document of an earlier version with the same schemaVersion lacks are filled in. */
export async function recognise(document: unknown): Promise<Recognised> {
  const schemaVersion = versionOf(Array.isArray(document) ? document[0] : document);
  if (schemaVersion !== undefined && schemaVersion !== 1)
    return { state: 'of another version', schemaVersion };
  const name = savedNames.find((known) => marks[known].some((mark) => has(document, mark)));
  if (name === undefined) return { state: 'unknown', why: 'it matches none of them' };
  const kind: AnyKind = await kinds[name]();
  const parsed = v.safeParse(kind.schema, document);
  if (parsed.success)
    return { state: 'known', name, kind, document: kind.read?.(document) ?? document, remarks: [] };
  const older = kind.older?.(document) ?? null;
  const whole = completed(kind.schema, older?.document ?? document);
  const again = v.safeParse(kind.schema, whole.document);
  if (again.success) {
    const added =
      whole.added.length === 0
        ? []
        : [`An earlier version saved it, which did not know ${whole.added.join(', ')} yet.`];
    return {
      ...{ state: 'known', name, kind, document: kind.read?.(whole.document) ?? whole.document },
      remarks: [...(older === null ? [] : [older.remark]), ...added],
    };
  }
  const [first] = again.issues;
  const path = v.getDotPath(first);
  return {
    state: 'unknown',
    why: `read as one of ${name}, ${path === null ? '' : `${path}: `}${first.message}`,
  };
}

function versionOf(document: unknown): number | undefined {
  if (!has(document, 'schemaVersion')) return undefined;
  const { schemaVersion } = document as { readonly schemaVersion: unknown };
  return typeof schemaVersion === 'number' ? schemaVersion : undefined;
}

function has(document: unknown, part: string): boolean {
  return typeof document === 'object' && document !== null && part in document;
}
