import { expect, test } from 'vitest';
import { bindOnce } from '../../src/diagnose/bind-probe.ts';
import { overlaps } from '../../src/diagnose/overlap.ts';
import { thisMachine } from '../../src/lab/hosts/host.ts';
import { directFirst, openObserver } from '../../src/observe/observers.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { listening, somePort } from '../support/sockets.ts';

const withoutIPv6 = await whyUnmet('IPv6');
const addresses = ['0.0.0.0', '127.0.0.1', '127.0.0.2', ...(withoutIPv6 === null ? ['::', '::1'] : [])];
const cases = addresses.flatMap((held) => addresses.map((asked) => [held, asked] as const));

test.each(cases)('whether what has %s meets a bind to %s is what the kernel says', async (held, asked) => {
  const { server, port } = await listening({ address: held, port: somePort() });
  const { rows } = await (await openObserver(directFirst, thisMachine)).read([port]);
  const expected = bindOnce(asked, port, 'off') === 'EADDRINUSE';
  expect(rows.some((socket) => overlaps(asked, socket))).toBe(expected);
  server.close();
});
