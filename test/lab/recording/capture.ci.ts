import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PeerProcess } from '../../../src/lab/process/peer-process.ts';
import { noRoot, queuesSegments } from '../../support/machine.ts';
import { unless } from '../../support/skips.ts';
import { contradictions, heldStates } from '../../support/timelines.ts';
import { converse, hurry, open, port, sequenceOf, teardown, untilClosed, why } from './captured.ts';

// In one file, whose tests follow each other: a trace has what happens at that port in every network of the machine.

/** The most milliseconds that a process had to wait for a core in any quarter of a second of an action. */
async function longestWait(pid: number, action: () => Promise<void>): Promise<number> {
  const waitedMs = () => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  let [longest, before] = [0, waitedMs()];
  const look = () => {
    const now = waitedMs();
    [longest, before] = [Math.max(longest, now - before), now];
  };
  const timer = setInterval(look, 250);
  await action().finally(() => clearInterval(timer));
  look();
  return longest;
}

describe('a capture', unless(why), () => {
  test.each(['127.0.0.1', '::1'])('sees every segment of a connection once, on %s', async (address) => {
    const { host, capture } = await open({ tracepoints: 'unused' });
    await converse(host, address, 1);
    const { connections, dropped } = await capture.flush();
    expect(dropped).toBe(0);
    expect(connections).toHaveLength(1);
    const told = connections[0]?.segments.map(
      ({ sender, flags, relativeSequence, relativeAcknowledgment, length }) =>
        `${sender} ${flags.join(' ')} ${relativeSequence} ${relativeAcknowledgment} ${length}`,
    );
    expect(told?.slice(0, 4)).toEqual([
      'client SYN 0 null 0',
      'server SYN ACK 0 1 0',
      'client ACK 1 1 0',
      'client PSH ACK 1 1 5',
    ]);
    expect(told?.filter((text) => text.includes('FIN'))).toEqual([
      'client FIN ACK 6 1 0',
      'server FIN ACK 1 7 0',
    ]);
    expect(told?.at(-1)).toBe('client ACK 7 2 0');
    const times = connections[0]?.segments.map(({ at }) => at) ?? [];
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test.each(['wait where possible', 'pass'] as const)(
    'sees the states that both sides stay in for some time, where segments %s',
    async (segments) => {
      const { host, capture } = await open({ tracepoints: 'unused', segments });
      await converse(host, '127.0.0.1', 1);
      const { connections } = await capture.flush();
      const [connection] = connections;
      if (connection === undefined) throw new Error('no connection was seen');
      expect(sequenceOf(connection, 'client')).toEqual(
        expect.arrayContaining(['ESTABLISHED', 'FIN_WAIT2', 'TIME_WAIT']),
      );
      expect(sequenceOf(connection, 'server')).toEqual(
        expect.arrayContaining(['ESTABLISHED', 'CLOSE_WAIT', null]),
      );
    },
  );

  test('segments wait for it if the kernel was built for that', async (context) => {
    const { capture } = await open({ tracepoints: 'unused' });
    const { whyNotHeld } = await capture.flush();
    if (queuesSegments() !== true)
      return context.skip(`this kernel may not let segments wait (${whyNotHeld})`);
    expect(whyNotHeld).toBeNull();
  });

  test.for(['127.0.0.1', '::1'])(
    'where segments wait for it, it sees on %s every state with the segment that brought it',
    async (address, context) => {
      const { host, capture } = await open({ tracepoints: 'unused' });
      await converse(host, address, 1);
      const { connections, whyNotHeld, passed } = await capture.flush();
      if (whyNotHeld !== null) return context.skip(whyNotHeld);
      expect(passed).toBe(0);
      const [connection] = connections;
      const told = connection?.transitions.map(({ side, to, segmentAt }) => {
        const segment = connection.segments.find(
          ({ at }) => segmentAt !== null && Math.abs(at - segmentAt) < 0.05,
        );
        return `${side} ${to} ${segment?.sender} ${segment?.flags.join(' ')}`;
      });
      expect(told).toEqual([
        'client SYN_SENT client SYN',
        'server SYN_RECV client SYN',
        'client ESTABLISHED server SYN ACK',
        'server ESTABLISHED client ACK',
        'client FIN_WAIT1 client FIN ACK',
        'server CLOSE_WAIT client FIN ACK',
        'client FIN_WAIT2 server ACK',
        'server LAST_ACK server FIN ACK',
        'client TIME_WAIT server FIN ACK',
        'server null client ACK',
      ]);
    },
  );

  test('distinguishes the incarnations of a pair', async () => {
    const { host, capture } = await open({ tracepoints: 'unused' });
    const [server, client] = [new PeerProcess(host), new PeerProcess(host)];
    teardown.add(async () => void (await Promise.all([server.end(), client.end()])));
    await server.call('listen', {
      host: '127.0.0.1',
      port,
      reuseAddress: 'on',
      backlog: 10,
      conduct: 'reads',
    });
    for (let i = 0; i < 2; i++) {
      const { socket } = await client.call('connect', {
        host: '127.0.0.1',
        port,
        localPort: 8000,
        reuseAddress: 'on',
        timeoutMs: 5000,
        conduct: 'reads',
      });
      await client.call('end', { socket });
      await untilClosed(capture, i);
    }
    const { connections } = await capture.flush();
    expect(connections).toHaveLength(2);
    for (const { segments } of connections)
      expect(segments.filter(({ flags }) => flags.includes('FIN'))).toHaveLength(2);
    const sockets = connections.map(({ transitions }) => new Set(transitions.map(({ socket }) => socket)));
    expect([...(sockets[0] ?? [])].filter((socket) => sockets[1]?.has(socket))).toEqual([]);
  });
});

describe('what is seen by asking, beside the tracepoints', unless(why ?? noRoot), () => {
  test.for(['wait where possible', 'pass'] as const)(
    'contradicts them nowhere, and lacks no state that lasted for long, where segments %s',
    async (segments, context) => {
      const { host, capture } = await open({ segments });
      if (capture.accounts.traced === undefined) return context.skip('this kernel does not trace');
      const longestMs = await longestWait(capture.pid, () => converse(host, '127.0.0.1', 10));
      const { states } = await capture.flush();
      expect(states).toBe('traced');
      const { asked, traced = [] } = capture.accounts;
      expect(contradictions(asked, traced)).toEqual([]);
      const held = heldStates(asked, traced);
      expect(held.length).toBeGreaterThanOrEqual(40);
      const long = held.filter(({ lastedMs }) => lastedMs > 50);
      expect(long.some(({ seen }) => seen)).toBe(true);
      expect(long.filter(({ seen, lastedMs }) => !seen && lastedMs > 50 + longestMs)).toEqual([]);
    },
  );

  test('if segments wait, it sees nearly every state that lasted a tenth of a millisecond or more', async (context) => {
    const { host, capture } = await open();
    if (capture.accounts.traced === undefined) return context.skip('this kernel does not trace');
    await hurry(host, 50);
    await untilClosed(capture, 49);
    const { whyNotHeld } = await capture.flush();
    if (whyNotHeld !== null) return context.skip(whyNotHeld);
    const { asked, traced = [] } = capture.accounts;
    expect(contradictions(asked, traced)).toEqual([]);
    const states = heldStates(asked, traced).filter(({ lastedMs }) => lastedMs >= 0.1);
    expect(states.length).toBeGreaterThanOrEqual(150);
    // Only a state that its own process ends while whoever asks has to wait for a core passes unseen.
    expect(states.filter(({ seen }) => !seen).length).toBeLessThan(states.length / 50);
  });

  test('the recording has the times of the tracepoints, and TIME_WAIT from asking', async (context) => {
    const { host, capture } = await open();
    if (capture.accounts.traced === undefined) return context.skip('this kernel does not trace');
    await converse(host, '127.0.0.1', 1);
    const { connections, whyNotHeld } = await capture.flush();
    const [connection] = connections;
    if (connection === undefined) throw new Error('no connection was seen');
    // Of SYN_SENT no trace tells a connection that has no port yet.
    const first = whyNotHeld === null ? ['SYN_SENT'] : [];
    expect(sequenceOf(connection, 'client')).toEqual([
      ...first,
      'ESTABLISHED',
      'FIN_WAIT1',
      'FIN_WAIT2',
      'TIME_WAIT',
    ]);
    expect(sequenceOf(connection, 'server')).toEqual([
      'SYN_RECV',
      'ESTABLISHED',
      'CLOSE_WAIT',
      'LAST_ACK',
      null,
    ]);
  });
});
