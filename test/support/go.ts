import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const packages = [
  ...['context', 'fmt', 'net', 'net/http', 'os', 'os/signal', 'sync/atomic', 'syscall', 'time'],
];

/** Of this test file: the library is compiled once. */
const goCache = join(tmpdir(), `tcpclose-go-${process.pid}`);
afterAll(() => rmSync(goCache, { recursive: true, force: true }));

/** Compiles that text of Go, with the imports that it uses, and gives the path of the program. */
export function goProgram(folder: string, text: string): string {
  const used = packages.filter((path) => new RegExp(`\\b${path.split('/').at(-1)}\\.`).test(text));
  const name = join(folder, createHash('sha1').update(text).digest('hex').slice(0, 12));
  writeFileSync(
    `${name}.go`,
    `package main\nimport (\n${used.map((path) => `"${path}"\n`).join('')})\n${text}`,
  );
  const env = { ...process.env, GOCACHE: goCache, GO111MODULE: 'off', CGO_ENABLED: '0' };
  execFileSync('go', ['build', '-o', name, `${name}.go`], { env, cwd: folder });
  return name;
}
