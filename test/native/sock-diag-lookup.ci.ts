import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { SockDiag } from '../../src/native/sock-diag.ts';
import { PairQuestion } from '../../src/native/sock-diag-request.ts';
import { numberOfState } from '../../src/state.ts';

// One lookup alone misses 1 to 10 of 1000.
const pairs = 1500;
const longestWatchMs = 20;

/** Opens a pair for each message, tells its ports, closes both sides 1 ms after the next message, and tells that too. */
const closer = `
  const { parentPort } = require('node:worker_threads');
  const { connect, createServer } = require('node:net');
  const { on, once } = require('node:events');
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1', async () => {
    const { port } = server.address();
    for await (const _ of on(parentPort, 'message')) {
      const accepted = once(server, 'connection');
      const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      const [[side]] = await Promise.all([accepted, once(client, 'connect')]);
      parentPort.postMessage({ port, clientPort: client.localPort });
      await new Promise((resolve) => setTimeout(resolve, 1));
      client.destroy();
      side.destroy();
    }
  });
  server.on('listening', () => parentPort.postMessage('listens'));
`;

test('a pair that becomes TIME_WAIT is never missing', async () => {
  const diag = new SockDiag();
  const worker = new Worker(closer, { eval: true });
  const timeWait = numberOfState('TIME_WAIT');
  const missing: number[] = [];
  let watched = 0;
  for await (const [told] of on(worker, 'message')) {
    if (told !== 'listens') {
      const local = { address: '127.0.0.1', port: told.clientPort };
      const question = new PairQuestion(local, { address: '127.0.0.1', port: told.port });
      const until = performance.now() + longestWatchMs;
      let state: number | undefined;
      while (state !== timeWait && performance.now() < until) {
        state = diag.askAgain(question)?.state;
        if (state === undefined) missing.push(watched);
      }
      if (++watched === pairs) break;
    }
    worker.postMessage('next');
  }
  await worker.terminate();
  diag.close();
  expect(missing).toEqual([]);
}, 120_000);
