import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { bindOnce } from '../../src/diagnose/bind-probe.ts';
import { overlaps } from '../../src/diagnose/overlap.ts';
import { thisMachine } from '../../src/lab/hosts/host.ts';
import { directFirst, openObserver } from '../../src/observe/observers.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { listening, somePort } from '../support/sockets.ts';

const withoutIPv6 = await whyUnmet('IPv6');
const addresses = ['0.0.0.0', '127.0.0.1', '127.0.0.2', ...(withoutIPv6 === null ? ['::', '::1'] : [])];
const cases = addresses.flatMap((held) => addresses.map((asked) => [held, asked] as const));

test.each(cases)(
  'whether a socket on %s conflicts with a bind to %s is what the kernel reports',
  async (held, asked) => {
    const { server, port } = await listening({ address: held, port: somePort() });
    const { rows } = await (await openObserver(directFirst, thisMachine)).read([port]);
    const expected = bindOnce(asked, port, 'off') === 'EADDRINUSE';
    expect(rows.some((socket) => overlaps(asked, socket))).toBe(expected);
    server.close();
  },
);

const observers = ['sock_diag', 'ss'] as const;

test.each(observers.flatMap((name) => addresses.map((asked) => [name, asked] as const)))(
  'a socket on [::] without IPv4, as %s shows it, conflicts with a bind to %s if the kernel reports a conflict',
  unless(withoutIPv6 ?? missing('ss')),
  async (name, asked) => {
    const server = createServer().listen({ host: '::', ipv6Only: true, port: 0 });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { rows } = await (await openObserver(name, thisMachine)).read([port]);
    const expected = bindOnce(asked, port, 'off') === 'EADDRINUSE';
    expect(rows.some((socket) => overlaps(asked, socket))).toBe(expected);
    server.close();
  },
);
