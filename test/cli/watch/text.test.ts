import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { listenOn } from '../../../src/native/socket.ts';
import { Program, tcpclose } from '../../support/program.ts';
import { schemaErrors } from '../../support/schema.ts';
import {
  bindOnly,
  closeDescriptor,
  connectionWithoutListener,
  listening,
  timeWait,
} from '../../support/sockets.ts';
import { until } from '../../support/until.ts';
import { eventsOf } from './watched.ts';

describe('as text', () => {
  test('there is the table, each transition, and the table at the end', async () => {
    const { client, accepted, port } = await connectionWithoutListener();
    const program = new Program(['watch', String(port), '--until', 'ESTABLISHED=0']);
    await program.says('ESTABLISHED');
    accepted.destroy();
    client.destroy();
    const { stdout, status } = await program.finished();
    expect(stdout).toMatch(
      new RegExp(`^port ${port}   watched for .*\\n {2}ESTABLISHED +1 +pid ${process.pid} `),
    );
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}ESTABLISHED > \w+/m);
    expect(status).toBe(0);
  });

  test('the table at the end has the times of then, even if nothing but the time has changed', async () => {
    const port = await timeWait();
    const { stdout } = await tcpclose(['watch', String(port), '--for', '3s']);
    const left = [...stdout.matchAll(/TIME_WAIT .* (\d+) s left/g)].map(([, seconds]) => Number(seconds));
    expect(left).toHaveLength(2);
    expect(left[1]).toBeLessThan(left[0] ?? 0);
  });
});

test('connections that wait to be accepted, and clients on this machine, are shown as such', async () => {
  const { fd, port } = bindOnly();
  listenOn(fd, 16);
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  const { stdout } = await tcpclose(['watch', String(port), '--for', '10ms']);
  // Both ends are established: one waits, the other is this process.
  expect(stdout).toMatch(new RegExp(`ESTABLISHED +1 +pid ${process.pid} `));
  const events = eventsOf((await tcpclose(['watch', String(port), '--for', '10ms', '--json'])).stdout);
  const [table] = events.filter((event) => event.type === 'table');
  expect(table?.rows.find(({ state }) => state === 'ESTABLISHED')).toMatchObject({ ownerless: 1 });
  client.on('error', () => {}).destroy();
  closeDescriptor(fd);
});

test('a leak shows with its age, its growth and its remote addresses', async () => {
  const { server, port } = await listening();
  server.on('connection', (socket) => socket.on('error', () => {}).resume());
  const clients: Socket[] = [];
  const join = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const client = connect(port, '127.0.0.1').on('error', () => {});
      clients.push(client);
      await once(client, 'connect');
      client.end();
    }
  };
  await join(2);
  const startedAt = performance.now();
  const program = new Program(['watch', String(port), '--json', '--until', 'CLOSE_WAIT=5']);
  await program.says('"type":"table"');
  await until('a second of watching', () => performance.now() - startedAt > 3000);
  await join(3);
  const { stdout, status } = await program.finished();
  const leakedMs = performance.now() - startedAt;
  expect(schemaErrors('watch', JSON.parse(stdout.trimEnd().split('\n').at(-2) ?? ''))).toEqual([]);
  const table = eventsOf(stdout)
    .filter((event) => event.type === 'table')
    .at(-1);
  const row = table?.rows.find(({ state }) => state === 'CLOSE_WAIT');
  // Of the first two the kernel knows it, though they were there before.
  expect(row?.oldestMs).toBeGreaterThan(2500);
  expect(row?.oldestMs).toBeLessThan(leakedMs + 500);
  expect(row?.growthPerSecond).toBeGreaterThan(0);
  expect(table?.rates?.opened).toBeGreaterThan(0);
  expect(table?.remotes).toEqual({ top: [{ address: '127.0.0.1', count: 5 }], addresses: 1 });
  expect(status).toBe(0);
  for (const client of clients) client.destroy();
  server.close();
});
