import { createServer } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { DestroyedSockets } from '../../src/native/destroyed-sockets.ts';
import { SockDiag } from '../../src/native/sock-diag.ts';
import { AF_INET } from '../../src/native/sockaddr.ts';
import { UnixDiag } from '../../src/native/unix-diag.ts';
import { listeners } from '../../src/observe/sock-diag/table.ts';
import { TableWatch } from '../../src/restart/load/table-watch.ts';
import { until } from '../support/until.ts';

const diag = new SockDiag();
const unixDiag = new UnixDiag();
afterAll(() => {
  diag.close();
  unixDiag.close();
});

async function listener() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { server, port };
}

test('the kernel announces the end of a listener by its cookie, and not before', async () => {
  const destroyed = new Set<bigint>();
  const notices = new DestroyedSockets((cookie) => destroyed.add(cookie));
  const { server, port } = await listener();
  const other = await listener();
  const cookieOf = (port: number) => diag.list(AF_INET, { port })[0]?.cookie ?? 0n;
  const [own, others] = [cookieOf(port), cookieOf(other.port)];
  server.close();
  await until('the notice', () => destroyed.has(own));
  expect(destroyed.has(others)).toBe(false);
  other.server.close();
  await until('the notice of the other', () => destroyed.has(others));
  notices.close();
});

test('the end of the old listener is known by its notice, though another one has joined it', async () => {
  const { server, port } = await listener();
  const rows = listeners(diag).filter(({ local }) => local.port === port);
  const watch = new TableWatch(
    { diag, unixDiag },
    { kind: 'tcp', port, listeners: rows },
    'the end',
    () => 'own',
  );
  expect(watch.goneAt).toBeNull();
  server.close();
  await until('its end', () => watch.goneSeenBy === 'notice');
  expect(watch.goneAt).not.toBeNull();
  watch.end();
});
