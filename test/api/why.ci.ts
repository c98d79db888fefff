import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as Api from '../../src/index.ts';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { listening } from '../support/sockets.ts';
import { failure, why } from './package.ts';

describe('why()', () => {
  let server: Awaited<ReturnType<typeof listening>>;
  beforeAll(async () => {
    server = await listening();
  });
  afterAll(() => server.server.close());

  test('returns the document of the command', async () => {
    const document = await why(server.port);
    expect(schemaErrors('why', document)).toEqual([]);
    expect(document).toMatchObject({ verdict: 'held', holders: [{ pids: [process.pid] }] });
    const { stdout } = await tcpclose(['why', String(server.port), '--json']);
    expect(Object.keys(JSON.parse(stdout))).toEqual(Object.keys(document));
  });

  test('waits until its signal aborts, and rejects with the reason of the signal', async () => {
    const events: Api.WhyEvent[] = [];
    const abort = new AbortController();
    const answer = why(server.port, {
      wait: true,
      abortSignal: abort.signal,
      onEvent: (event) => {
        events.push(event);
        abort.abort(new Error('enough'));
      },
    });
    expect(await failure(answer)).toMatchObject({ message: 'enough' });
    expect(events).toEqual([{ type: 'waiting', port: server.port, leftMs: null, atLatestMs: null }]);
  });

  test('takes all that the command line takes', async () => {
    const answers = await why([`127.0.0.1:${server.port}`, '/nonexistent.sock']);
    expect(schemaErrors('why', answers)).toEqual([]);
    expect(answers).toMatchObject({
      type: 'several',
      answers: [
        { type: 'port', host: '127.0.0.1', verdict: 'held' },
        { type: 'socket', verdict: 'free' },
      ],
    });
    expect(await why(`http://localhost:${server.port}/x`)).toMatchObject({
      port: server.port,
      verdict: 'held',
    });
    const all = await why();
    expect(schemaErrors('why', all)).toEqual([]);
    const ports = all.type === 'listeners' ? all.listeners.map(({ port }) => port) : [];
    expect(ports).toContain(server.port);
  });
});
