import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { tcpclose } from '../../support/program.ts';
import { listening, somePort } from '../../support/sockets.ts';
import { bothFail, tooWide, why } from './answers.ts';

const ends = atEnd();

describe('a listener', () => {
  test.each([
    ['off', 'off'],
    ['on', 'off'],
    ['on', 'on'],
  ] as const)(
    'is shown with SO_REUSEADDR %s and SO_REUSEPORT %s as read from it',
    async (reuseAddress, reusePort) => {
      const { server, port } = await listening({ reuseAddress, reusePort });
      const { document, status } = await why([String(port)]);
      expect(document.holders).toMatchObject([
        {
          kind: 'listener',
          state: 'LISTEN',
          count: 1,
          owner: 'process',
          processes: [{ pid: process.pid }],
          reuseAddress: reuseAddress === 'on',
          reusePort: reusePort === 'on',
          leftMs: null,
        },
      ]);
      expect(document).toMatchObject({ held: true, bind: bothFail, freeInMs: null });
      expect(status).toBe(1);
      server.close();
    },
  );

  test('is shown with its parents, its user, its time and its npm script', async () => {
    const port = somePort();
    const script = `require('net').createServer().listen(${port}, () => console.log('up'))`;
    const child = spawn('sh', ['-c', `"${process.execPath}" -e "${script}" & wait`], {
      env: { ...process.env, npm_lifecycle_event: 'start', npm_package_name: 'shop' },
      detached: true,
    });
    ends.push(() => process.kill(-(child.pid ?? 0), 'SIGKILL'));
    await once(child.stdout, 'data');
    const { document } = await why([String(port)]);
    const [holder] = document.holders;
    const [held] = holder?.processes ?? [];
    expect(held?.command).toContain(`listen(${port}`);
    expect(held?.parents.map(({ pid }) => pid).slice(0, 2)).toEqual([child.pid, process.pid]);
    expect(held?.origins).toContainEqual({ kind: 'npm script', name: 'start of shop', stop: null });
    expect(Math.abs(Date.parse(held?.since ?? '') - Date.now())).toBeLessThan(60_000);
    expect(held?.user).toBe(userInfo().username);
    const { stdout } = await tcpclose(['why', String(port), '--long']);
    expect(stdout).toContain(`${port} is held by a listener`);
    expect(stdout).toContain('npm script start of shop');
    for (const language of ['Node', 'Python', 'Go', 'Java', 'C', 'nginx'])
      expect(stdout).toMatch(new RegExp(`^ +${language}: `, 'm'));
    expect(tooWide(stdout, document)).toEqual([]);
  });

  test('that a child has inherited is shown with both processes', async () => {
    const { server, port } = await listening();
    const handle = (server as unknown as { _handle: { fd: number } })._handle;
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', handle.fd] });
    ends.push(() => child.kill('SIGKILL'));
    await once(child, 'spawn');
    const { document } = await why([String(port)]);
    expect(document.holders[0]?.processes.map(({ pid }) => pid)).toEqual(
      [process.pid, child.pid ?? 0].sort((a, b) => a - b),
    );
    server.close();
  });
});

test('another address is the last remedy against a listener, and not on the first screen', async () => {
  const { server, port } = await listening();
  const { document } = await why([String(port)]);
  const { stdout } = await tcpclose(['why', String(port)]);
  server.close();
  expect(document.steps.at(-1)?.text).toBe('bind to ::1, if that is enough: this works now');
  expect(stdout).not.toContain('if that is enough');
});

describe('faults', () => {
  test('a thousand connections of one process take one line', async () => {
    const { server, port } = await listening();
    const clients = Array.from({ length: 1000 }, () => connect(port, '127.0.0.1'));
    await Promise.all(clients.map((client) => once(client, 'connect')));
    const { document } = await why([String(port)]);
    expect(
      document.holders.map(({ kind, state, count, processCount }) => ({ kind, state, count, processCount })),
    ).toEqual([
      { kind: 'listener', state: 'LISTEN', count: 1, processCount: 1 },
      { kind: 'connection', state: 'ESTABLISHED', count: 1000, processCount: 1 },
    ]);
    for (const client of clients) client.destroy();
    server.close();
  });
});
