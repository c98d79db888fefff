/** The reports of Stryker, of which the last one of each file is kept in .stryker. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface Report {
  readonly files: Readonly<Record<string, ReportFile>>;
}

interface ReportFile {
  readonly source: string;
  readonly mutants: readonly ReportMutant[];
}

export interface ReportMutant {
  readonly mutatorName: string;
  readonly status: 'Killed' | 'Survived' | 'NoCoverage' | 'Timeout' | string;
  readonly replacement?: string;
  /** Of one that is ignored: what the comment beside it says. */
  readonly statusReason?: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** Both from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

export function isAlive({ status }: ReportMutant): boolean {
  return status === 'Survived' || status === 'NoCoverage';
}

/** What the last run found; with `before`, of which survivors alone were run again, both together. */
export function newReport(before: Report | null): Report {
  const now: Report = JSON.parse(readFileSync('.stryker/report.json', 'utf8'));
  const together = before === null ? now : merged(before, now);
  mkdirSync('.stryker/last', { recursive: true });
  for (const [file, one] of Object.entries(together.files)) writeFileSync(lastOf(file), JSON.stringify(one));
  return together;
}

/** Of these files, those that are still as they were in their last run here. */
export function lastReport(files: readonly string[]): Report {
  const known = files.flatMap((file) => {
    if (!existsSync(lastOf(file))) return [];
    const one: ReportFile = JSON.parse(readFileSync(lastOf(file), 'utf8'));
    return one.source === readFileSync(file, 'utf8') ? [[file, one] as const] : [];
  });
  return { files: Object.fromEntries(known) };
}

/** As --mutate of Stryker takes them: columns from 0. */
export function survivorsIn({ files }: Report): string[] {
  return Object.entries(files).flatMap(([file, { mutants }]) =>
    mutants
      .filter(isAlive)
      .map(
        ({ location: { start, end } }) =>
          `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column}`,
      ),
  );
}

function merged(before: Report, now: Report): Report {
  const files = Object.entries(before.files).map(([file, { source, mutants }]) => {
    const again = new Map(now.files[file]?.mutants.map((one) => [keyOf(one), one]));
    return [file, { source, mutants: mutants.map((one) => again.get(keyOf(one)) ?? one) }] as const;
  });
  return { files: Object.fromEntries(files) };
}

function keyOf({ location, mutatorName, replacement }: ReportMutant): string {
  return JSON.stringify([location, mutatorName, replacement]);
}

function lastOf(file: string): string {
  return `.stryker/last/${file.replaceAll('/', '-')}.json`;
}
