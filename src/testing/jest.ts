/** The package entry `tcpclose/jest`: import it in a test, or name it in `setupFilesAfterEnv`. */
import { UsageError } from '../errors.ts';
import { matchers, type TcpcloseMatchers } from './matchers.ts';

declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: as @types/jest declares it, and both must agree.
    interface Matchers<R, T = {}> extends TcpcloseMatchers<Promise<R>> {}
  }
}

interface Expect {
  extend(matchers: object): void;
}

const { expect } = globalThis as { expect?: Expect };
if (expect === undefined) {
  throw new UsageError(
    'no-expect',
    'tcpclose/jest found no expect(): import it in a test file, or name it in setupFilesAfterEnv',
  );
}
expect.extend(matchers);

export { freePort } from '../api/api.ts';
export type { FreePort } from '../api/free-port.ts';
export type { TcpcloseMatchers } from './matchers.ts';
