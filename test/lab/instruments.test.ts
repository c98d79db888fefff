import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Client, Context, Server } from '../../src/index.ts';
import { has } from '../../src/kit/kit.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { poll, sleep } from '../../src/time.ts';
import { noRoot } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { outcomeOf } from '../support/stories.ts';

// Each instrument where the truth is not what it usually is: one that always gives the usual answer fails here.

const passed = { outcome: 'passed', contradicted: [], message: '' };
const withPackets = unless(await whyUnmet('packets'));

/** Runs a story that measures, and gives what it measured. */
async function measured<Value>(
  needs: 'packets'[],
  story: (context: Context) => Promise<Value>,
): Promise<Value> {
  let value: Value | undefined;
  const told = await outcomeOf(
    async (context) => {
      value = await story(context);
      context.expect.value('measured', true).equals(true);
    },
    { needs, patienceMs: 20_000 },
  );
  expect(told).toEqual(passed);
  return value as Value;
}

/** Until it is so, as long as a busy machine may need. */
async function until<Value>(what: string, read: () => Promise<Value>, isSo: (value: Value) => boolean) {
  const found = await poll(what, async () => isSo(await read()), { withinMs: 20_000, everyMs: 20 });
  expect(found, what).toBe(true);
}

async function connected({ lab }: Context): Promise<{ server: Server; client: Client }> {
  const server = await lab.server();
  return { server, client: await lab.client(server) };
}

/** A client in TIME_WAIT that a RST does not end: that is what answers the FIN of a connection that is gone at its other end. */
async function inTimeWait(context: Context): Promise<Client> {
  await context.lab.kernel.sysctl('net.ipv4.tcp_rfc1337', 1);
  const { server, client } = await connected(context);
  await client.end();
  await context.expect(client).state('FIN_WAIT2');
  await server.end();
  await context.expect(client).state('TIME_WAIT');
  return client;
}

async function repeatItsFin({ lab }: Context, client: Client): Promise<void> {
  const { segments } = await lab.wire.captured(client);
  const fins = segments.filter((segment) => segment.sender === 'server' && has(segment, 'FIN'));
  await lab.wire.replay(fins.slice(0, 1));
}

describe.concurrent('dropped segments', withPackets, () => {
  test.each([0, 1, 7])('are counted if there were %i', async (count) => {
    const drops = await measured(['packets'], async (context) => {
      const { server, client } = await connected(context);
      const { segments } = await context.lab.wire.captured(client, ({ segments }) => segments.length >= 3);
      const ack = segments.find((segment) => segment.sender === 'client' && !has(segment, 'SYN'));
      if (ack === undefined) throw new Error('there is no ACK to send again');
      await server.deafen('everything');
      if (count > 0) await context.lab.wire.replay(Array.from({ length: count }, () => ack));
      await until(
        'drops',
        () => server.measure.drops(),
        (seen) => seen >= count,
      );
      return server.measure.drops();
    });
    expect(drops).toBe(count);
  });
});

describe.concurrent('the timer of a connection', withPackets, () => {
  test('has less time left later, and more when it was restarted', async () => {
    const [first, later, restarted] = await measured(['packets'], async (context) => {
      const client = await inTimeWait(context);
      const first = await client.measure.timerLeft();
      await sleep(1500);
      const later = await client.measure.timerLeft();
      await repeatItsFin(context, client);
      await until(
        'a restart',
        () => client.measure.timerLeft(),
        (left) => left > later + 500,
      );
      return [first, later, await client.measure.timerLeft()] as const;
    });
    expect(first).toBeLessThanOrEqual(60_100);
    expect(later).toBeLessThanOrEqual(first - 1400);
    expect(restarted).toBeGreaterThan(later + 500);
  });

  test('has another end when it was restarted, and the same when it was not', async () => {
    const [first, again, restarted] = await measured(['packets'], async (context) => {
      const client = await inTimeWait(context);
      const first = await client.measure.timerEnds();
      await sleep(1000);
      const again = await client.measure.timerEnds();
      await repeatItsFin(context, client);
      const isLater = ({ leastMs }: typeof first) => leastMs > again.mostMs + 300;
      await until('a restart', () => client.measure.timerEnds(), isLater);
      return [first, again, await client.measure.timerEnds()] as const;
    });
    // The kernel counts in ticks.
    expect(again.mostMs).toBeGreaterThanOrEqual(first.leastMs - 20);
    expect(again.leastMs).toBeLessThanOrEqual(first.mostMs + 20);
    expect(restarted.leastMs).toBeGreaterThan(first.mostMs + 300);
  });
});

describe.concurrent('retransmissions', withPackets, () => {
  // The first one is a tail-loss probe, which no timer of the table shows.
  test.each([1, 2])('are recorded as captured, %i of them', async (count) => {
    const { sentAgain, captured } = await measured(['packets'], async (context) => {
      const { server, client } = await connected(context);
      await server.deafen('everything');
      const watching = client.measure.retransmissions(60_000);
      await client.write('x');
      const repeatsOf = async () => {
        const { segments } = await context.lab.wire.captured(client);
        return segments.filter(({ sender, length }) => sender === 'client' && length > 0).slice(1);
      };
      // One more: when it comes, what is watched has long been seen.
      await until('retransmissions', repeatsOf, (seen) => seen.length > count);
      await client.reset();
      const { sentAgain } = await watching;
      return { sentAgain, captured: (await repeatsOf()).map(({ at }) => at) };
    });
    expect(sentAgain.length).toBeGreaterThanOrEqual(count);
    expect(sentAgain.length).toBeLessThanOrEqual(captured.length);
    for (let i = 1; i < sentAgain.length; i++) {
      const [before, now] = [sentAgain[i - 1], sentAgain[i]];
      const gap = (captured[i] ?? 0) - (captured[i - 1] ?? 0);
      expect(gap).toBeGreaterThan((now?.leastMs ?? Number.NaN) - (before?.mostMs ?? Number.NaN) - 1);
      expect(gap).toBeLessThan((now?.mostMs ?? Number.NaN) - (before?.leastMs ?? Number.NaN) + 1);
    }
  });
});

describe.concurrent('the kernel log', unless(noRoot), () => {
  test('has as many lines as match: no line, and then two', async () => {
    const mark = `a line of a test ${randomUUID()}`;
    const counts = await measured([], async ({ lab }) => {
      const before = await lab.kernel.log(new RegExp(mark));
      for (const line of [mark, 'another line', mark]) writeFileSync('/dev/kmsg', `${line}\n`);
      return [before, await lab.kernel.log(new RegExp(mark))];
    });
    expect(counts).toEqual([0, 2]);
  });
});

describe.concurrent('a call that waits', () => {
  test('continues after its process was stopped and continued', async () => {
    const { errno, blockedMs } = await measured([], async (context) => {
      const { client } = await connected(context);
      await client.setOption('SO_RCVTIMEO', 1500);
      const waiting = client.blockIn('recv', 1);
      for (const signal of ['SIGSTOP', 'SIGCONT', 'SIGSTOP', 'SIGCONT'] as const) {
        await sleep(250);
        process.kill(client.pid, signal);
      }
      return await waiting;
    });
    expect(errno).toBe('EAGAIN');
    expect(blockedMs).toBeGreaterThan(1500);
  });
});

describe.concurrent('the wait for a bind', () => {
  test('is as long as the port is held', async () => {
    const { waitedMs, releasedMs, overMs } = await measured([], async ({ lab }) => {
      const server = await lab.server({ reuseAddress: 'off' });
      const since = performance.now();
      const waiting = lab.untilBindPasses(server, since);
      await sleep(1200);
      const releasedMs = performance.now() - since;
      await server.stopListening();
      const waitedMs = await waiting;
      return { waitedMs, releasedMs, overMs: performance.now() - since };
    });
    expect(waitedMs).toBeGreaterThanOrEqual(releasedMs);
    expect(waitedMs).toBeLessThanOrEqual(overMs);
  });

  test('is over at once if nothing holds it', async () => {
    const { waitedMs, overMs } = await measured([], async ({ lab }) => {
      const server = await lab.server({ reuseAddress: 'off' });
      await server.stopListening();
      const since = performance.now();
      const waitedMs = await lab.untilBindPasses(server, since);
      return { waitedMs, overMs: performance.now() - since };
    });
    expect(waitedMs).toBeLessThanOrEqual(overMs);
    expect(waitedMs).toBeLessThan(20_000);
  });
});

describe.concurrent('the time of a connect', () => {
  test('is that of the retransmitted SYN if the first one found a full queue', async () => {
    const [quick, slow] = await measured([], async ({ lab }) => {
      const ordinary = await lab.load.connectTime(await lab.server(), 5);
      const full = await lab.server({ backlog: 0, accepting: 'later' });
      await lab.client(full, { acceptance: 'not awaited' });
      const counters = await lab.kernel.counters();
      const waiting = lab.load.connectTime(full, 1);
      // The peer that connects may be slow to start: there is room in the queue only once a SYN has found none.
      await until(
        'a SYN that found a full queue',
        () => counters.moved('ListenOverflows'),
        (dropped) => dropped > 0,
      );
      await full.accept();
      return [ordinary, await waiting] as const;
    });
    expect(quick).toBeGreaterThan(0);
    expect(quick).toBeLessThan(400_000);
    // The second SYN comes a second after the first (RFC 6298 section 2).
    expect(slow).toBeGreaterThan(900_000);
  });
});
