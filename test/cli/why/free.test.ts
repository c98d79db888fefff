import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { tcpclose } from '../../support/program.ts';
import { listening, somePort } from '../../support/sockets.ts';
import { why } from './answers.ts';

describe('a free port', () => {
  test('is free, with status 0', async () => {
    const { document, status } = await why([String(somePort())]);
    expect(document).toMatchObject({
      schemaVersion: 1,
      held: false,
      holders: [],
      bind: { withoutReuseAddress: 'ok', withReuseAddress: 'ok' },
      freeInMs: 0,
      advice: [],
    });
    expect(status).toBe(0);
  });

  test('is reported as free only once', async () => {
    const port = somePort();
    const { stdout } = await tcpclose(['why', String(port)]);
    expect(stdout).toMatch(
      new RegExp(`^${port} is free: a bind to \\[::\\]:${port} \\(IPv4 too\\) succeeds\n`),
    );
    expect(stdout.match(/free|succeeds|Nothing holds/g)).toEqual(['free', 'succeeds']);
  });

  test('is released at once: a server can bind it while why runs again and again', async () => {
    const port = String(somePort());
    await why([port]);
    const server = createServer().listen(Number(port));
    await once(server, 'listening');
    server.close();
  });
});

describe('addresses', () => {
  test('--host asks about one address, and what is on others is not in its way', async () => {
    const { server, port } = await listening({ address: '127.0.0.1' });
    const there = await why([String(port), '--host', '127.0.0.1']);
    const beside = await why([String(port), '--host', '127.0.0.2']);
    expect([there.document.held, there.status]).toEqual([true, 1]);
    expect([beside.document.held, beside.status]).toEqual([false, 0]);
    expect(beside.document.holders).toMatchObject([{ kind: 'listener', meets: false }]);
    server.close();
  });

  test('IPv4 against IPv6: the advice names an address where a bind still succeeds', async () => {
    const { server, port } = await listening({ address: '127.0.0.1' });
    const { document } = await why([String(port)]);
    if (document.host === '::') expect(document.passesOn).toEqual(['::1']);
    server.close();
  });

  test('an address of another machine is refused in one line', async () => {
    const { stderr, status } = await tcpclose(['why', '8080', '--host', '192.0.2.1']);
    expect(stderr).toMatch(/^tcpclose: the machine has no address 192\.0\.2\.1 [^\n]*--host[^\n]*\n$/);
    expect(status).toBe(2);
  });
});
