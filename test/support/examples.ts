import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package.ts';
import { startProgram } from '../../src/start-program.ts';
import { somePort } from './sockets.ts';

interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Runs the tests of an example as its `npm test` does, after edits of its server. */
export async function runExample(
  name: string,
  edits: readonly Edit[],
): Promise<{ status: number; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  const port = somePort();
  try {
    cpSync(packagePath(`examples/${name}`), folder, { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(packagePath('.'), join(folder, 'node_modules/tcpclose'));
    for (const other of ['vitest', 'tsx']) {
      symlinkSync(packagePath(`node_modules/${other}`), join(folder, 'node_modules', other));
    }
    for (const { file, from, to } of edits) edit(join(folder, file), from, to);
    if (name === 'nginx') edit(join(folder, 'nginx.conf'), ':8080', `:${port}`);
    return await npmTest(folder, port);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
  writeFileSync(
    file,
    text.replace(from, () => to),
  );
}

async function npmTest(folder: string, port: number): Promise<{ status: number; output: string }> {
  const { test } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts as { test: string };
  const path = `${packagePath('node_modules/.bin')}:${process.env['PATH']}:/usr/sbin`;
  // A runner below a runner would report to it.
  const { VITEST: _, NODE_TEST_CONTEXT: _context, ...rest } = process.env;
  const env = { ...rest, PATH: path, PORT: String(port), NO_COLOR: '1' } as Record<string, string>;
  const { child } = await startProgram(['sh', '-c', test], { cwd: folder, stdin: 'ignore', env });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.on('data', (data) => {
      output += data;
    });
  }
  const status = await new Promise<number>((resolve) => child.once('close', resolve));
  return { status, output };
}
