/** The package entry `tcpclose/jest`: import it in a test, or name it in `setupFilesAfterEnv`. */
import { createRequire } from 'node:module';
import { UsageError } from '../errors.ts';
import { matchers, type TcpcloseMatchers } from './matchers.ts';

declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: as @types/jest declares it, and both must agree.
    interface Matchers<R, T = {}> extends TcpcloseMatchers<Promise<R>> {}
  }
}

// For those who import expect from @jest/globals, which has the types of the package expect.
// biome-ignore lint/suspicious/noTsIgnore: no error where it is installed.
/** @ts-ignore: it may not be installed. */
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends TcpcloseMatchers {}
}

interface Expect {
  extend(matchers: object): void;
}

const expect = (globalThis as { expect?: Expect }).expect ?? importedExpect();
if (expect === undefined) {
  throw new UsageError(
    'no-expect',
    'tcpclose/jest found no expect(): import it in a test file, or name it in setupFilesAfterEnv',
  );
}
expect.extend(matchers);

/** With `injectGlobals: false` Jest gives it only to those who import it. */
function importedExpect(): Expect | undefined {
  try {
    return (createRequire(import.meta.url)('@jest/globals') as { expect: Expect }).expect;
  } catch {
    return undefined;
  }
}

export { freePort } from '../api/api.ts';
export type { FreePort } from '../api/free-port.ts';
export type { TcpcloseMatchers } from './matchers.ts';
