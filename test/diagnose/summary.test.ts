import { expect, test } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnosis.ts';
import { holderSummary } from '../../src/diagnose/summary.ts';
import { thisMachine } from '../../src/lab/hosts/host.ts';
import { listening, somePort, timeWait } from '../support/sockets.ts';

const look = (port: number) =>
  diagnose({ place: thisMachine, port, host: undefined, signal: new AbortController().signal });

test('half a sentence says who holds a port', async () => {
  const { server, port } = await listening();
  expect(holderSummary(await look(port))).toMatch(new RegExp(`^a listener, pid ${process.pid} \\(.+\\)$`));
  server.close();
  expect(holderSummary(await look(await timeWait()))).toBe('TIME_WAIT, no process');
  expect(holderSummary(await look(somePort()))).toBeNull();
});
