import { describe, expect, test } from 'vitest';
import type * as Api from '../../src/index.ts';
import { schemaErrors } from '../support/schema.ts';
import { somePort } from '../support/sockets.ts';
import { failure, node, restart, serving, TcpcloseError, why } from './package.ts';

describe('restart()', () => {
  test('returns the document of the command, and reports what it waits for', async () => {
    const events: Api.WaitingEvent[] = [];
    const onEvent = (event: Api.WaitingEvent) => events.push(event);
    const document = await restart(serving(somePort()), { settle: 200, onEvent });
    expect(schemaErrors('restart', document)).toEqual([]);
    expect(document).toMatchObject({ verdict: 'survives', runs: [{ signal: 'SIGTERM', clients: 'stay' }] });
    expect(events).toContainEqual({
      ...{ type: 'waiting', what: 'waiting for the server to exit', round: null },
      ...{ leftMs: null, atMostMs: expect.closeTo(10_000, -3) },
    });
    const stays = events.findLast(({ what }) => what === 'watching whether it stays up');
    expect(stays).toMatchObject({ leftMs: expect.closeTo(200, -2), atMostMs: null });
  });

  test('reports the current round, and from the second one on how long the remaining rounds take', async () => {
    const events: (Api.WaitingEvent & { readonly at: number })[] = [];
    const onEvent = (event: Api.WaitingEvent) => events.push({ ...event, at: performance.now() });
    await restart(serving(somePort()), { settle: 50, rounds: 2, order: 'both', onEvent });
    expect([...new Set(events.map(({ round }) => round && `${round.number} of ${round.of}`))]).toEqual([
      '1 of 4',
      '2 of 4',
      '3 of 4',
      '4 of 4',
    ]);
    const [first, second] = [1, 2].map((number) => events.filter(({ round }) => round?.number === number));
    expect(first?.map(({ round }) => round?.leftMs)).toEqual(first?.map(() => null));
    // As if those that are left took as long as the first.
    const [begun] = second ?? [];
    expect(begun?.round?.leftMs).toBeGreaterThan(1.5 * ((begun?.at ?? 0) - (events[0]?.at ?? 0)));
    expect(events.at(-1)?.round?.leftMs).toBeGreaterThanOrEqual(0);
  });

  test('says why a server does not survive', async () => {
    const mute = node(`process.on('SIGTERM', () => {}); require('net').createServer().listen(${somePort()})`);
    const { verdict, runs } = await restart(mute, { stopTimeout: '500ms', timeout: '20s' });
    expect({ verdict, cause: runs[0]?.cause }).toEqual({ verdict: 'fails', cause: 'signal-ignored' });
    expect(runs[0]?.evidence?.remedy).toContain('SIGTERM');
  });

  test('ends the server when it is aborted, and has not decided', async () => {
    const port = somePort();
    const abort = new AbortController();
    const document = restart(serving(port), {
      settle: '100s',
      abortSignal: abort.signal,
      onEvent: ({ what }) =>
        what === 'waiting for the second start to serve a client' && abort.abort(new Error('enough')),
    });
    expect(await document).toMatchObject({
      verdict: 'not decided',
      runs: [{ reason: 'interrupted (enough)' }],
    });
    expect(
      (await why(port, { host: '127.0.0.1' })).holders.filter(({ kind }) => kind === 'listener'),
    ).toEqual([]);
  });

  test('rejects with a code, and the last words of a server that does not start', async () => {
    const error = await failure(restart(node("console.log('no database'); process.exit(3)")));
    expect(error).toBeInstanceOf(TcpcloseError);
    expect(error).toMatchObject({ code: 'command-failed', output: expect.stringContaining('no database') });
  });
});
