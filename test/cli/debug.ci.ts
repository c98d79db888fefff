import { expect, test } from 'vitest';
import { harmIn, hostileText } from '../support/hostile.ts';
import { tcpclose } from '../support/program.ts';
import { somePort } from '../support/sockets.ts';

const trace = /^TCPCLOSE \d+: \d\d:\d\d:\d\d\.\d{3} (.*)$/;

test('NODE_DEBUG=tcpclose traces each command that is run, a line each, and what strangers wrote in it is harmless', async () => {
  const args = ['why', '1', '--on', `env 'X=${hostileText}'`];
  const quiet = await tcpclose(args);
  const { stdout, stderr, status } = await tcpclose(args, { env: { NODE_DEBUG: 'tcpclose' } });

  expect({ stdout, status }).toEqual({ stdout: quiet.stdout, status: quiet.status });
  expect(quiet.stderr).toBe('');
  expect(harmIn(stderr)).toEqual([]);
  const traced = stderr
    .trimEnd()
    .split('\n')
    .map((line) => trace.exec(line)?.[1]);
  expect(traced[0]).toMatch(/^start env .*X=.*\\x1b.* echo 'two {2}blanks': pid \d+$/);
  const pid = /^start env .* ss .*: pid (\d+)$/.exec(
    traced.find((text) => text?.includes(' ss ')) ?? '',
  )?.[1];
  expect(traced.filter((text) => text?.startsWith(`pid ${pid} `))).toEqual([
    expect.stringMatching(/ exited with 0 after \d+\.\d ms$/),
  ]);
  expect(traced).not.toContain(undefined);
});

interface Traced {
  readonly pid: number;
  readonly direction: string;
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly port?: number };
}

/** The messages to and from a child process, as they were traced. */
function messagesIn(stderr: string, child: RegExp): Traced[] {
  const line = new RegExp(String.raw`^${child.source}, pid (\d+) (<-|->) (.*)$`);
  return stderr.split('\n').flatMap((text) => {
    const [, pid, direction = '', json] = line.exec(trace.exec(text)?.[1] ?? '') ?? [];
    return json === undefined ? [] : { pid: Number(pid), direction, ...JSON.parse(json) };
  });
}

test('NODE_DEBUG=tcpclose traces each message to and from a peer, with its name and pid', async () => {
  const args = ['demo', 'server-first', '--no-color'];
  const { stdout, stderr, status } = await tcpclose(args, { env: { NODE_DEBUG: 'tcpclose' } });

  expect({ stdout, status }).toEqual({ stdout: expect.stringContaining('as expected'), status: 0 });
  const messages = messagesIn(stderr, /a peer on .*/);
  const listening = messages.find(({ method }) => method === 'listen');
  expect(listening).toMatchObject({ direction: '<-', params: { host: '127.0.0.1' } });
  const ofThis = messages.filter(({ pid }) => pid === listening?.pid);
  expect(ofThis[0]).toEqual({
    pid: listening?.pid,
    direction: '->',
    method: 'ready',
    params: { pid: listening?.pid },
  });
  expect(ofThis.find((message) => message.direction === '->' && message.id === listening?.id)).toMatchObject({
    result: { address: '127.0.0.1', port: listening?.params?.port },
  });
});

test('NODE_DEBUG=tcpclose traces those of the process that owns the command, but for the environment of the command', async () => {
  const server = `require("net").createServer().listen(${somePort()}, "127.0.0.1")`;
  const { stderr, status } = await tcpclose(['restart', '--', 'node', '-e', server], {
    env: { NODE_DEBUG: 'tcpclose', TOKEN: 'secret' },
  });

  expect(status).toBe(0);
  const messages = messagesIn(stderr, /the supervisor/);
  const started = messages.find(({ method }) => method === 'start');
  expect(started).toMatchObject({ direction: '<-', params: { command: ['node', '-e', server] } });
  expect(messages).toContainEqual({
    pid: started?.pid,
    direction: '->',
    id: started?.id,
    result: { pid: expect.any(Number) },
  });
  expect(messages.filter(({ method }) => method === 'exited')).not.toEqual([]);
  expect(stderr).not.toContain('secret');
});

test('NODE_DEBUG=tcpclose traces each wait with its deadline', async () => {
  const server = "require('net').createServer((socket) => socket.resume()).listen(0)";
  const args = ['restart', '--timeout', '20s', '--', process.execPath, '-e', server];
  const { stderr } = await tcpclose(args, { env: { NODE_DEBUG: 'tcpclose' } });
  const traced = stderr.split('\n').flatMap((line) => trace.exec(line)?.[1] ?? []);
  const begun = traced.indexOf('wait for the server to listen, 20 s at most');
  const came = traced.findIndex((text) => /^came within \d+\.\d ms: the server to listen$/.test(text));
  expect(begun).toBeGreaterThanOrEqual(0);
  expect(came).toBeGreaterThan(begun);
});
