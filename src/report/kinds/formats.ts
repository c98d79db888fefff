import { UsageError } from '../../errors.ts';
import { type ReporterName, reporterNames } from '../reporters.ts';
import type { AnyKind, KindName } from './kinds.ts';

type Part = keyof AnyKind & ('markdown' | 'cases' | 'page' | 'svg' | 'trace');

/** The part of a kind that each format needs; the others need nothing. */
const neededFor: Partial<Readonly<Record<ReporterName, Part>>> = {
  ...{ tap: 'cases', junit: 'cases', github: 'cases' },
  ...{ html: 'page', markdown: 'markdown', svg: 'svg', trace: 'trace' },
};

/** The parts of each kind, for help and completion, which do not load the kinds. A test compares this list with them. */
const partsOf = {
  demo: ['markdown', 'cases', 'page', 'svg', 'trace'],
  tour: ['markdown', 'cases'],
  list: ['markdown', 'cases'],
  explain: ['markdown', 'cases'],
  test: ['markdown', 'cases', 'page'],
  init: ['markdown', 'cases'],
  claims: ['markdown', 'cases', 'page'],
  matrix: ['markdown', 'cases', 'page', 'svg'],
  restart: ['markdown', 'cases', 'page', 'svg'],
  idle: ['markdown', 'cases', 'page'],
  why: ['markdown', 'cases'],
  run: ['markdown', 'cases'],
  watch: ['markdown', 'cases', 'page'],
  audit: ['markdown', 'cases', 'page'],
  merge: ['markdown', 'cases'],
  doctor: ['markdown', 'cases'],
  completion: ['markdown'],
} as const satisfies Readonly<Record<KindName, readonly Part[]>>;

const parts: Readonly<Record<string, readonly Part[]>> = partsOf;

/** The formats that a command offers, in the order of help. `render` offers all of them, because its document decides. */
export function formatsOf(command: string): readonly ReporterName[] {
  if (command === 'render') return reporterNames;
  return reporterNames.filter((name) => {
    const needed = neededFor[name];
    return needed === undefined || parts[command]?.includes(needed) === true;
  });
}

/** @throws UsageError `bad-reporter` if the command does not have this format */
export function requireFormat(format: ReporterName, command: string): void {
  const names = formatsOf(command);
  if (names.includes(format)) return;
  throw new UsageError(
    'bad-reporter',
    `"${format}" does not show what ${command} prints: choose one of ${names.join(', ')}`,
  );
}
