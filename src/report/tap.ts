/** The forms of the Test Anything Protocol, version 14, that suites and restarts have in common. */

export interface TestPoint {
  readonly number: number;
  readonly title: string;
  readonly result: 'ok' | 'not ok';
  /** Why it was skipped; null if it was not. */
  readonly skipped: string | null;
  /** Lines of YAML, indented by two; empty if there is nothing to add. JSON's strings are strings of YAML, too. */
  readonly diagnosis: readonly string[];
}

export function tapHeading(points: number): string[] {
  return ['TAP version 14', `1..${points}`];
}

export function tapPoint({ number, title, result, skipped, diagnosis }: TestPoint): string[] {
  const directive = skipped === null ? '' : ` # SKIP ${escapeTap(skipped)}`;
  const block = diagnosis.length === 0 ? [] : ['  ---', ...diagnosis, '  ...'];
  return [`${result} ${number} - ${escapeTap(title)}${directive}`, ...block];
}

function escapeTap(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('#', '\\#').replaceAll('\n', ' ');
}
