import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as Api from '../../src/index.ts';
import { packagePath } from '../../src/package.ts';
import { schemaErrors } from '../support/schema.ts';
import { listening } from '../support/sockets.ts';

// As users get it.
const { watch }: typeof Api = await import(packagePath('dist/index.js'));

let server: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  server = await listening();
});
afterAll(() => server.server.close());

async function all(seen: AsyncIterable<Api.WatchDocument>): Promise<Api.WatchDocument[]> {
  const documents: Api.WatchDocument[] = [];
  for await (const document of seen) {
    expect(schemaErrors('watch', document)).toEqual([]);
    documents.push(document);
  }
  return documents;
}

const types = (documents: readonly Api.WatchDocument[]) => documents.map(({ type }) => type);

describe('watch()', () => {
  test('gives what the command prints, until its condition holds', async () => {
    const seen = await all(watch(server.port, { until: 'LISTEN=1' }));
    expect(types(seen)).toEqual(['started', 'table', 'finished']);
    expect(seen[1]).toMatchObject({ rows: [{ state: 'LISTEN', processes: [{ pid: process.pid }] }] });
    expect(seen[2]).toMatchObject({ reason: 'until' });
  });

  test('gives each transition of a connection, and looks again only when it is read', async () => {
    const looks: Api.WatchUpdate[] = [];
    const seen = watch(server.port, { onEvent: (look) => void looks.push(look) });
    const transitions: (string | null)[] = [];
    for await (const document of seen) {
      if (document.type === 'table' && transitions.length === 0) connect(server.port, '127.0.0.1').unref();
      if (document.type !== 'transition') continue;
      const before = looks.length;
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(looks).toHaveLength(before);
      transitions.push(document.to);
      break;
    }
    expect(transitions).toEqual(['ESTABLISHED']);
    expect(await seen.next()).toMatchObject({ done: true });
  });

  test('calls onEvent after looks that find nothing new, and waits for its promise', async () => {
    const news: string[] = [];
    let inside = 0;
    const enough = new AbortController();
    const seen = watch(server.port, {
      abortSignal: enough.signal,
      async onEvent(look) {
        expect(++inside).toBe(1);
        news.push(look.news);
        await new Promise((resolve) => setTimeout(resolve, 20));
        inside--;
        if (look.news === 'none') enough.abort();
      },
    });
    const documents = await all(seen);
    expect(types(documents).filter((type) => type !== 'transition')).toEqual([
      'started',
      'table',
      'finished',
    ]);
    expect(news.filter((one) => one === 'none')).toHaveLength(1);
  });

  test('ends in order when its signal aborts', async () => {
    const abort = new AbortController();
    const seen: Api.WatchDocument[] = [];
    for await (const document of watch('all', { abortSignal: abort.signal })) {
      seen.push(document);
      if (document.type === 'table') abort.abort();
    }
    expect(seen.at(-1)).toMatchObject({ type: 'finished', reason: 'interrupted' });
    expect(seen[0]).toMatchObject({ type: 'started', port: null });
  });

  test.each<{ what: string; seen: () => AsyncIterable<Api.WatchDocument>; code: string }>([
    { what: 'a port that is none', seen: () => watch(0), code: 'bad-port' },
    { what: 'a condition that is none', seen: () => watch(80, { until: 'LATER' }), code: 'bad-condition' },
    { what: 'a span of time that is none', seen: () => watch(80, { for: 'ever' }), code: 'bad-duration' },
  ])('$what is an error with a code: $code', async ({ seen, code }) => {
    await expect(all(seen())).rejects.toMatchObject({ name: 'UsageError', code });
  });
});
