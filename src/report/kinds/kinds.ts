import * as v from 'valibot';
import type { DocumentKind } from './kind.ts';

/** By the command that prints the document. Each is loaded when it is needed; a command without one has no rendered formats. */
const kinds = {
  demo: async () => (await import('./demo.ts')).demoKind,
  test: async () => (await import('./test.ts')).testKind,
  claims: async () => (await import('./claims.ts')).claimsKind,
  matrix: async () => (await import('./matrix.ts')).matrixKind,
  restart: async () => (await import('./restart.ts')).restartKind,
} as const;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly KindName[];

// biome-ignore lint/suspicious/noExplicitAny: each takes what its own schema has let in.
export type AnyKind = DocumentKind<any>;

/** undefined if the documents of that command cannot be rendered. */
export async function kindOf(command: string): Promise<AnyKind | undefined> {
  const name = kindNames.find((known) => known === command);
  return name === undefined ? undefined : kinds[name]();
}

/** What only the documents of a command have. */
const marks: Readonly<Record<KindName, readonly string[]>> = {
  demo: ['steps'],
  test: ['scenarios'],
  claims: ['claims'],
  matrix: ['cells', 'differences'],
  restart: ['runs'],
};

/** Whose document it is; `why` it is nobody's. */
export async function recognise(
  document: unknown,
): Promise<
  | { readonly state: 'known'; readonly name: KindName; readonly kind: AnyKind }
  | { readonly state: 'unknown'; readonly why: string }
> {
  const name = kindNames.find((known) => marks[known].some((mark) => has(document, mark)));
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
