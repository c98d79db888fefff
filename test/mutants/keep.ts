/** Keeps the results of `npm run mutants` for docs/truth.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type KeptMutants, keptIn } from '../../build/truth.ts';

interface Report {
  readonly files: Readonly<
    Record<string, { readonly source: string; readonly mutants: readonly ReportMutant[] }>
  >;
}

interface ReportMutant {
  readonly mutatorName: string;
  readonly status: 'Killed' | 'Survived' | 'NoCoverage' | 'Timeout' | string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number } };
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const before: KeptMutants = existsSync(keptIn.mutants) ? read(keptIn.mutants) : { files: [], across: [] };

const files = existsSync('.stryker/report.json') ? filesOf(read('.stryker/report.json')) : [];
const others = before.files.filter(({ file }) => !files.some((one) => one.file === file));
const kept: KeptMutants = {
  files: [...others, ...files].toSorted((a, b) => a.file.localeCompare(b.file)),
  across: existsSync('.stryker/across.json')
    ? read('.stryker/across.json').map(({ title, caughtBy, fate }: KeptMutants['across'][number]) => ({
        title,
        caughtBy,
        fate,
      }))
    : before.across,
};
writeFileSync(keptIn.mutants, `${JSON.stringify(kept, null, 1)}\n`);

function filesOf(report: Report): KeptMutants['files'][number][] {
  return Object.entries(report.files).map(([file, { mutants }]) => {
    const counted = mutants.filter(
      ({ status }) => !['Ignored', 'CompileError', 'RuntimeError'].includes(status),
    );
    const alive = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
    return {
      file,
      mutants: counted.length,
      caught: counted.length - alive.length,
      survivors: alive.map(
        ({ location, mutatorName, status }) =>
          `${location.start.line} ${mutatorName}${status === 'NoCoverage' ? ' (not reached)' : ''}`,
      ),
    };
  });
}
