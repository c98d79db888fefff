import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listenOn } from '../../src/native/socket.ts';
import type { WatchDocument } from '../../src/report/documents/watch.ts';
import { atEnd } from '../support/at-end.ts';
import { noRoot } from '../support/machine.ts';
import { Program, programPath, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import {
  bindOnly,
  closeDescriptor,
  connectionWithoutListener,
  listening,
  somePort,
  timeWait,
} from '../support/sockets.ts';
import { until } from '../support/until.ts';

const ends = atEnd();

function eventsOf(stdout: string): WatchDocument[] {
  const events: WatchDocument[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const event of events) expect(schemaErrors('watch', event)).toEqual([]);
  return events;
}

/** The states that the port's own end came to, from one to the next; FIN_WAIT1 is over before it is seen, as a rule. */
function statesOf(events: readonly WatchDocument[], port: number): (string | null)[] {
  return events
    .flatMap((event) => (event.type === 'transition' && event.local.port === port ? [event.to] : []))
    .filter((state) => state !== 'FIN_WAIT1');
}

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

describe('the end', () => {
  test('--for ends it, with status 0', async () => {
    const { stdout, status } = await tcpclose(['watch', String(somePort()), '--for', '300ms', '--json']);
    const finished = eventsOf(stdout).at(-1);
    expect(finished).toMatchObject({ type: 'finished', reason: 'for' });
    expect(finished?.atMs).toBeGreaterThanOrEqual(300);
    expect(status).toBe(0);
  });

  test('--until that has not come when --for ends it gives status 1', async () => {
    const port = await timeWait();
    const { stdout, status } = await tcpclose([
      'watch',
      String(port),
      '--for',
      '0.3s',
      '--until',
      'TIME_WAIT=0',
      '--json',
    ]);
    expect(eventsOf(stdout).at(-1)).toMatchObject({ reason: 'for' });
    expect(status).toBe(1);
  });

  test('a SIGINT ends it with 130, and the last table', async () => {
    const { server, port } = await listening();
    const program = new Program(['watch', String(port)]);
    await program.says('LISTEN');
    program.child.kill('SIGINT');
    const { stdout, stderr, status } = await program.finished();
    expect(stdout.match(/^ {2}LISTEN +1 +pid \d+ /gm)).toHaveLength(2);
    expect([stderr, status]).toEqual(['', 130]);
    server.close();
  });

  test('a reader that goes away ends it, quietly', async () => {
    const port = somePort();
    const command = `"${process.execPath}" "${programPath}" watch ${port} --json | head -n 2; echo "\${PIPESTATUS[0]}" >&2`;
    const pipeline = spawn('bash', ['-c', command]);
    let stderr = '';
    pipeline.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    pipeline.stdout.resume();
    const ended = once(pipeline, 'close');
    // Something must be written for the pipe's end to be noticed.
    while (pipeline.exitCode === null) {
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      await new Promise((resolve) => setTimeout(resolve, 300));
      server.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await ended;
    expect(stderr).toBe('141\n');
  });
});

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

test.each([
  [['watch'], 'a port is missing'],
  [['watch', '80', '--all'], 'leave out 80'],
  [['watch', '70000'], '"70000" is not a port'],
  [['watch', '80', '--for', 'ever'], '"ever" is not a duration'],
  [['watch', '80', '--until', 'TIME_WAIT'], '"TIME_WAIT" is not a condition'],
  [['watch', '80', '--until', 'WAITING=0'], '"WAITING=0" is not a condition'],
  [['watch', '80', '--on', 'no-such-program'], 'no-such-program cannot be started'],
])('%j is refused in one line, with status 2', async (args, message) => {
  const { stdout, stderr, status } = await tcpclose(args);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(status).toBe(2);
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

test('an interrupted watch writes its page and its document, which render reads again', async () => {
  const { client, accepted, port } = await connectionWithoutListener();
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const [html, json] = [join(folder, 'watch.html'), join(folder, 'watch.ndjson')];
  const outputs = ['--json', '--reporter', `html:${html}`, '--reporter', `ndjson:${json}`];
  const program = new Program(['watch', String(port), ...outputs]);
  await program.says('"type":"table"');
  program.child.kill('SIGINT');
  const { stdout, status } = await program.finished();
  expect(status).toBe(130);
  expect(readFileSync(json, 'utf8')).toBe(stdout);
  expect(eventsOf(stdout).at(-1)).toMatchObject({ type: 'finished', reason: 'interrupted' });
  expect(readFileSync(html, 'utf8')).toContain('"kind":"watch"');
  expect(await tcpclose(['render', json, '--reporter', 'markdown'])).toMatchObject({ stderr: '', status: 0 });
  client.destroy();
  accepted.destroy();
});
