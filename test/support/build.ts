import { execFileSync } from 'node:child_process';
import { builtFrom, hashSources } from '../../build/sources.ts';

/** Tests run the program and its peers as they are built, from the source as it is now. */
export default function build(): void {
  if (builtFrom('dist') === hashSources()) return;
  execFileSync('npm', ['run', '--silent', 'build', 'if-stale'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
