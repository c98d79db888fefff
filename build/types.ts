import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { writeDocumentTypes } from './document-types.ts';

const runners = ['vitest', 'jest', 'node-test'];

/** Writes the declarations that the public interface reaches, and checks that they need no package, not even Node's types. */
export async function writeTypes(folder: string): Promise<void> {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', folder], {
    stdio: 'inherit',
  });
  await writeDocumentTypes(folder);
  const reached = new Set<string>();
  const entries = ['index', 'kit/kit', ...runners.map((name) => `testing/${name}`)];
  for (const entry of entries) reach(join(folder, `src/${entry}.d.ts`), reached);
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, entry);
    if (entry.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
  for (const file of reached) withoutNode(file, join(folder, 'node.d.ts'));
  writeFileSync(join(folder, 'node.d.ts'), nodeTypes());
}

/** The same for `require`, in a folder whose package.json says CommonJS: it decides the kind of a declaration. */
export function writeRequireTypes(types: string, folder: string): void {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
  cpSync(types, join(folder, 'types'), { recursive: true });
}

/** A Buffer is a Uint8Array; the other globals of Node are declared in a file of their own. */
function withoutNode(file: string, node: string): void {
  const path = relative(dirname(file), node).replace(/^(?!\.)/, './');
  const text = readFileSync(file, 'utf8')
    .replaceAll(/\bBuffer\b/g, 'Uint8Array')
    .replaceAll(/\bNodeJS\.Signals\b/g, `import('${path}').Signals`)
    .replaceAll(/\bAbortSignal\b/g, `import('${path}').Abort`);
  if (/\bNodeJS\./.test(text)) throw new Error(`${file}: the public types must not need those of Node`);
  writeFileSync(file, text);
}

// Some names in Node's own types belong to other systems.
function nodeTypes(): string {
  const signals = [...Object.keys(constants.signals), 'SIGBREAK', 'SIGLOST', 'SIGINFO', 'SIGUNUSED'];
  return `/** The names of signals, as Node has them. */
export type Signals = ${signals.map((name) => `'${name}'`).join(' | ')};

/** The global AbortSignal if anything declares it, otherwise the part of it that is needed. */
export type Abort = typeof globalThis extends { AbortSignal: { prototype: infer Declared } } ? Declared : AbortLike;

interface AbortLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
`;
}

function reach(file: string, reached: Set<string>): void {
  if (reached.has(file)) return;
  reached.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /(?:from |import\()['"]([^'"]+)['"]/g,
  )) {
    // Whoever imports that entry has its runner.
    if (specifier === basename(file, '.d.ts')) continue;
    if (!specifier.startsWith('.')) throw new Error(`${file}: the public types must not need ${specifier}`);
    const target = normalize(join(dirname(file), specifier.replace(/\.ts$/, '.d.ts')));
    if (!existsSync(target)) throw new Error(`${file}: there is no ${target}`);
    reach(target, reached);
  }
}
