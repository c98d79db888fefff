import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Writes the declarations that the public interface reaches, and sees to it that they need no package but Node's types. */
export function writeTypes(folder: string): void {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', folder], {
    stdio: 'inherit',
  });
  const reached = new Set<string>();
  reach(join(folder, 'src/index.d.ts'), reached);
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, entry);
    if (entry.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}

function reach(file: string, reached: Set<string>): void {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /(?:from |import\()['"]([^'"]+)['"]/g,
  )) {
    if (specifier.startsWith('node:')) continue;
    if (!specifier.startsWith('.')) throw new Error(`${file}: the public types may not need ${specifier}`);
    const target = normalize(join(dirname(file), specifier.replace(/\.ts$/, '.d.ts')));
    if (!existsSync(target)) throw new Error(`${file}: there is no ${target}`);
    reach(target, reached);
  }
}
