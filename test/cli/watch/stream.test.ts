import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { noRoot } from '../../support/machine.ts';
import { Program, tcpclose } from '../../support/program.ts';
import { unless } from '../../support/skips.ts';
import { connectionWithoutListener, listening, somePort } from '../../support/sockets.ts';
import { eventsOf, statesOf } from './watched.ts';

const ends = atEnd();

describe('--json streams one event a line', () => {
  test('with each transition of a connection from its birth to TIME_WAIT, and with its process', async () => {
    const { server, port } = await listening();
    const program = new Program(['watch', String(port), '--json', '--until', 'TIME_WAIT=1']);
    await program.says('"type":"table"');
    const accepting = once(server, 'connection');
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const [accepted] = await accepting;
    await program.says('"to":"ESTABLISHED"');
    accepted.resume().end();
    await program.says('"to":"FIN_WAIT2"');
    await program.says('"to":"CLOSE_WAIT"');
    client.resume().end();
    const { stdout, stderr, status } = await program.finished();
    expect([stderr, status]).toEqual(['', 0]);
    const events = eventsOf(stdout);
    expect(statesOf(events, port)).toEqual(['ESTABLISHED', 'FIN_WAIT2', 'TIME_WAIT']);
    expect(events[0]).toMatchObject({ type: 'started', port, on: null, way: 'sock_diag' });
    expect(events.at(-1)).toMatchObject({ type: 'finished', reason: 'until' });
    const tables = events.filter((event) => event.type === 'table');
    expect(tables[0]?.rows).toMatchObject([{ state: 'LISTEN', count: 1, processes: [{ pid: process.pid }] }]);
    const last = tables.at(-1)?.rows.find(({ state }) => state === 'TIME_WAIT');
    expect(last).toMatchObject({ count: 1, atPort: 1, atOtherEnd: 0, processes: [] });
    expect(last?.leftMs).toBeGreaterThan(50_000);
    server.close();
  });

  test('with the process of connections that live for a moment, one after the other', async () => {
    const { server, port } = await listening();
    const program = new Program(['watch', String(port), '--json']);
    await program.says('"type":"table"');
    server.on('connection', (accepted) => accepted.on('error', () => {}).resume());
    for (let i = 0; i < 12; i++) {
      const from = program.stdout.length;
      const client = connect({ port, host: '127.0.0.1' });
      await program.says('"to":"ESTABLISHED"', from);
      client.destroy();
    }
    program.child.kill('SIGINT');
    const events = eventsOf((await program.finished()).stdout);
    const begun = events.flatMap((event) =>
      event.type === 'transition' && event.to === 'ESTABLISHED' && event.local.port === port ? [event] : [],
    );
    expect(begun).not.toEqual([]);
    expect(begun.filter(({ processes }) => processes.length === 0)).toEqual([]);
    server.close();
  });

  test('and counts a connection once though both of its ends are here', async () => {
    const { client, accepted, port } = await connectionWithoutListener();
    const { stdout, status } = await tcpclose(['watch', String(port), '--json', '--until', 'ESTABLISHED=1']);
    expect(eventsOf(stdout)[1]).toMatchObject({
      rows: [{ state: 'ESTABLISHED', count: 1, atPort: 1, atOtherEnd: 1, processes: [{ pid: process.pid }] }],
    });
    expect(status).toBe(0);
    client.destroy();
    accepted.destroy();
  });
});

describe('behind a launcher', unless(noRoot), () => {
  test('ss of another network is read over and over', async () => {
    const port = somePort();
    const script = `
      const net = require('net');
      const server = net.createServer().listen(${port}, () => console.log('up'));
      process.stdin.once('data', () => server.close());
    `;
    const child = spawn('unshare', ['--net', process.execPath, '-e', script]);
    ends.push(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    const program = new Program([
      'watch',
      String(port),
      '--json',
      '--until',
      'LISTEN=0',
      '--on',
      `nsenter --net -t ${child.pid}`,
    ]);
    await program.says('"state":"LISTEN"');
    child.stdin.write('\n');
    const { stdout, status } = await program.finished();
    const events = eventsOf(stdout);
    expect(events[0]).toMatchObject({ way: expect.stringMatching(/^(ss|netstat|\/proc\/net\/tcp)$/) });
    expect(statesOf(events, port)).toEqual([null]);
    expect(status).toBe(0);
  });
});

test('--all watches all of the machine', async () => {
  const { client, accepted, port } = await connectionWithoutListener();
  const program = new Program(['watch', '--all', '--json', '--for', '60s', '--until', 'ESTABLISHED>=1']);
  const { stdout, status } = await program.finished();
  const events = eventsOf(stdout);
  expect(events[0]).toMatchObject({ type: 'started', port: null });
  const [table] = events.filter((event) => event.type === 'table');
  const pids = table?.rows.find(({ state }) => state === 'ESTABLISHED');
  expect(pids?.count).toBeGreaterThan(0);
  expect(port).toBeGreaterThan(0);
  expect(status).toBe(0);
  client.destroy();
  accepted.destroy();
});
