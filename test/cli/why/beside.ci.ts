import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Actor } from '../../support/actor.ts';
import { missing } from '../../support/machine.ts';
import { unless } from '../../support/skips.ts';
import { listening, somePort } from '../../support/sockets.ts';
import { until } from '../../support/until.ts';
import { why } from './shown.ts';

test('a leak of CLOSE_WAIT beside a listener is reported', async () => {
  const { server, port } = await listening();
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket.resume()));
  const clients = [1, 2, 3, 4].map(() => connect(port, '127.0.0.1'));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  while (accepted.length < clients.length) await once(server, 'connection');
  for (const client of clients) client.end();
  await Promise.all(accepted.map((socket) => once(socket, 'end')));
  const { document, text } = await why(port);
  expect(document.notices).toEqual([expect.stringMatching(/^4 connections are in CLOSE_WAIT: .*leaks/)]);
  expect(text).toContain('Also: 4 connections are in CLOSE_WAIT');
  for (const socket of [...clients, ...accepted]) socket.destroy();
  server.close();
});

test('a UDP socket on the port is reported, and does not block a bind', async () => {
  const port = somePort();
  const socket = createSocket('udp4').bind(port, '127.0.0.1');
  await once(socket, 'listening');
  const { document, text, status } = await why(port);
  expect(document.udp).toMatchObject([{ address: '127.0.0.1', processes: [{ pid: process.pid }] }]);
  expect([document.verdict, status]).toEqual(['free', 0]);
  expect(text.replaceAll(/\s+/g, ' ')).toContain('has a UDP socket');
  socket.close();
});

test('clients of a service elsewhere are reported if the port is free here', async () => {
  const inside = ['unshare', '--map-root-user', '--net', 'sh', '-c'];
  // What is sent to this address by loopback is answered by nobody.
  const script = `
    ip link set lo up && ip route add 192.0.2.0/24 dev lo || exit 77
    node -e "require('net').connect(5984, '192.0.2.7').on('error', () => {}); setTimeout(() => {}, 60000)" &
    until ss -tan | grep -q 192.0.2.7:5984; do sleep 0.05; done
    "$@"; status=$?; kill $!; exit $status`;
  const { document, text, status } = await why(5984, [...inside, script, 'sh']);
  expect(document.clients).toMatchObject([
    { state: 'SYN_SENT', count: 1, remotes: [{ address: '192.0.2.7', port: 5984 }] },
  ]);
  expect(text).toMatch(/^5984 is free here; clients on this machine/);
  expect(document.notices.join()).toContain('to 192.0.2.7:5984');
  expect(status).toBe(0);
});

/** A server whose client closed first: the client's end is in TIME_WAIT. */
async function clientInTimeWait() {
  const { server, port } = await listening();
  const client = connect(port, '127.0.0.1');
  server.on('connection', (socket) => socket.resume().on('end', () => socket.end()));
  await once(client, 'connect');
  client.end();
  await once(client.resume(), 'close');
  return { server, port };
}

test('what clients of the port here have left is not taken for a service elsewhere', async () => {
  const { server, port } = await clientInTimeWait();
  const { document, text } = await why(port);
  server.close();
  expect(document.clients).toMatchObject([{ state: 'TIME_WAIT', remotes: [{ address: '127.0.0.1', port }] }]);
  expect(document.notices.join()).toContain("the clients' ends of connections to the port here");
  expect(text).not.toContain('elsewhere');
});

test('nor when the port is free again', async () => {
  const { server, port } = await clientInTimeWait();
  server.close();
  await once(server, 'close');
  const { document } = await why(port);
  expect(document).toMatchObject({ situation: 'free', steps: [], clients: [{ state: 'TIME_WAIT' }] });
});

test('a leak of clients beside their server is counted in the headline', async () => {
  const { server, port } = await listening();
  server.on('connection', (socket) => socket.on('error', () => {}).end());
  const clients = Array.from({ length: 4 }, () =>
    connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      .on('error', () => {})
      .resume(),
  );
  await Promise.all(clients.map((client) => once(client, 'end')));
  await until('the leak', async () => (await why(port)).document.situation === 'leaking');
  const { document, text } = await why(port);
  expect(text.split('\n')[0]).toContain('has 4 connections in CLOSE_WAIT that are not closed');
  expect(document.clients).toMatchObject([{ state: 'CLOSE_WAIT', count: 4 }]);
  for (const client of clients) client.destroy();
});

test(
  'a listener with SO_REUSEPORT is one that a second one may join',
  unless(missing('python3')),
  async () => {
    const [one, other] = [new Actor(), new Actor()];
    const listen = (port: unknown) =>
      `s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); s.bind(('127.0.0.1', ${port})); s.listen(); r = s.getsockname()[1]`;
    const port = Number(await one.does(listen(0)));
    expect((await why(port)).document.meaning).toContain('One with SO_REUSEPORT by the same user succeeds');
    await other.does(listen(port));
    expect((await why(port)).document.meaning).toContain('One with SO_REUSEPORT by the same user succeeds');
    await Promise.all([one.end(), other.end()]);
    const { server, port: plain } = await listening();
    expect((await why(plain)).document.meaning).not.toContain('SO_REUSEPORT');
    server.close();
  },
);
