import { execFileSync } from 'node:child_process';

/** Tests run the program and its peers as they are built, from the source as it is now. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
