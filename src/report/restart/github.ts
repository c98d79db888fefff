import { shownCommand } from '../../foreign.ts';
import type { RestartDocument } from '../documents/restart.ts';
import { annotation } from '../github.ts';
import { titleOf } from './words.ts';

type Run = RestartDocument['runs'][number];

/** Annotations for GitHub Actions, one for each way to restart. */
export function restartGithub({ command, runs }: RestartDocument): string[] {
  return runs.flatMap((run) => {
    const title = `tcpclose restart: ${titleOf(run)}`;
    return [
      annotation(levels[run.verdict], title, describe(run, command)),
      ...run.warnings.map((warning) => annotation('warning', title, warning)),
    ];
  });
}

const levels = { survives: 'notice', fails: 'error', 'not decided': 'warning' } as const;

function describe({ verdict, cause, evidence, reason, outageMs }: Run, command: readonly string[]): string {
  switch (verdict) {
    case 'survives':
      return `${shownCommand(command)} survives, ${Math.round(outageMs ?? 0)} ms outage`;
    case 'fails':
      return `${cause ?? 'fails'}: ${evidence?.explanation ?? ''} Remedy: ${evidence?.remedy ?? ''}`;
    case 'not decided':
      return reason ?? '';
  }
}
