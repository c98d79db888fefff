import { expect, test } from 'vitest';
import { harmIn, hostileText } from '../support/hostile.ts';
import { tcpclose } from '../support/program.ts';

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
  expect(traced[0]).toMatch(
    /^run env .*X=.*\\x1b.* echo 'two {2}blanks': pid \d+, status 0 after \d+\.\d ms$/,
  );
  expect(traced.find((text) => text?.includes(' ss '))).toMatch(/: pid \d+, status 0 after \d+\.\d ms$/);
  expect(traced).not.toContain(undefined);
});

test('NODE_DEBUG=tcpclose traces each message to and from a peer, with its name and pid', async () => {
  const args = ['demo', 'server-first', '--no-color'];
  const { stdout, stderr, status } = await tcpclose(args, { env: { NODE_DEBUG: 'tcpclose' } });

  expect({ stdout, status }).toEqual({ stdout: expect.stringContaining('as expected'), status: 0 });
  const traced = stderr.split('\n').flatMap((line) => trace.exec(line)?.[1] ?? []);
  const messages = traced.flatMap((text) => {
    const [, pid, direction, json] = /^a peer on .*, pid (\d+) (<-|->) (.*)$/.exec(text) ?? [];
    return json === undefined ? [] : { pid, direction, ...JSON.parse(json) };
  });
  const listening = messages.find(({ method }) => method === 'listen');
  expect(listening).toMatchObject({ direction: '<-', params: { host: '127.0.0.1' } });
  const { pid, id } = listening;
  expect(
    messages.find((message) => message.pid === pid && message.result && message.id === id),
  ).toMatchObject({
    direction: '->',
    result: { address: '127.0.0.1', port: listening.params.port },
  });
  expect(messages.find((message) => message.pid === pid && message.method === 'ready')).toMatchObject({
    direction: '->',
    params: { pid: Number(pid) },
  });
});
