import type { RestartDocument } from '../documents/restart.ts';
import { titleOf } from './words.ts';

type Run = RestartDocument['runs'][number];

/** Annotations for GitHub Actions: workflow commands, one line each. */
export function restartGithub({ command, runs }: RestartDocument): string[] {
  return runs.map((run) => {
    const title = property(`tcpclose restart: ${titleOf(run)}`);
    return `::${levels[run.verdict]} title=${title}::${data(describe(run, command))}`;
  });
}

const levels = { survives: 'notice', fails: 'error', 'not decided': 'warning' } as const;

function describe({ verdict, cause, evidence, reason, outageMs }: Run, command: readonly string[]): string {
  switch (verdict) {
    case 'survives':
      return `${command.join(' ')} survives, ${Math.round(outageMs ?? 0)} ms outage`;
    case 'fails':
      return `${cause ?? 'fails'}: ${evidence?.explanation ?? ''} Remedy: ${evidence?.remedy ?? ''}`;
    case 'not decided':
      return reason ?? '';
  }
}

// As the runner's toolkit escapes them.
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
