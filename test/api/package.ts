import { expect } from 'vitest';
import type * as Api from '../../src/index.ts';
import { packagePath } from '../../src/package.ts';

// As users get it: each function loads its part of the build.
export const api: typeof Api = await import(packagePath('dist/index.js'));
export const {
  audit,
  idle,
  matrix,
  matrixDiff,
  restart,
  run,
  runScenario,
  runSuite,
  scenario,
  TcpcloseError,
  why,
} = api;

export const node = (script: string) => [process.execPath, '-e', script];
export const serving = (port: number) => node(`require('net').createServer().listen(${port}, '127.0.0.1')`);

/** What the function rejects with. */
export async function failure(
  promise: Promise<unknown>,
): Promise<{ code?: string; message: string; output?: string }> {
  const error = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error & { code?: string };
}
