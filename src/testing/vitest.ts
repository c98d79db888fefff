/** The package entry `tcpclose/vitest`: import it in a test, or name it in `setupFiles`. */
import { expect } from 'vitest';
import { located } from './located.ts';
import { matchers, type TcpcloseMatchers } from './matchers.ts';

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it.
  interface Matchers<T = any> extends TcpcloseMatchers {}
}

expect.extend({
  toSurviveRestart: located(matchers.toSurviveRestart),
  toLeaveNoSockets: located(matchers.toLeaveNoSockets),
});

export { freePort } from '../api/api.ts';
export type { FreePort } from '../api/free-port.ts';
export type { TcpcloseMatchers } from './matchers.ts';
