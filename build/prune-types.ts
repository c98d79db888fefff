/** Keeps of the emitted types what the public interface reaches, and sees to it that they need no package but Node's types. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const folder = 'dist/types';
const reached = new Set<string>();

function reach(file: string): void {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /(?:from |import\()['"]([^'"]+)['"]/g,
  )) {
    if (specifier.startsWith('node:')) continue;
    if (!specifier.startsWith('.')) throw new Error(`${file}: the public types may not need ${specifier}`);
    const target = normalize(join(dirname(file), specifier.replace(/\.ts$/, '.d.ts')));
    if (!existsSync(target)) throw new Error(`${file}: there is no ${target}`);
    reach(target);
  }
}

reach(join(folder, 'src/index.d.ts'));
for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  const file = join(folder, entry);
  if (entry.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
}
