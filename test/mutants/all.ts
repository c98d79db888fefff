/** Runs all mutants: `npm run mutants`. */
import { commandLine } from '../../build/command-line.ts';

commandLine('npm run mutants (some of them: npm run mutants:within, npm run mutants:across)', {});
await import('./run.ts');
await import('./across.ts');
