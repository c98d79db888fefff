import { integer, type Measured, scenario } from '../../src/index.ts';

export default scenario({
  title: "The peer's host is gone: data is retransmitted, then given up",
  claim:
    'If the other side falls silent, unacknowledged data is retransmitted, each time after a longer gap, until ' +
    'tcp_retries2 is used up: then the connection is gone, the next call gets ETIMEDOUT, and the one after that EPIPE.',
  source: [
    'RFC 6298 section 5.5',
    'ip-sysctl: tcp_retries2',
    'Linux: tcp_retransmit_timer(), tcp_write_timeout()',
  ],
  decides: ['C54'],
  needs: ['namespace'],
  control: 'deafen',
  takes: 3.5,
  parameters: { retries: integer(2, { min: 2, max: 5 }, 'tcp_retries2') },

  async run({ lab, expect, step, retries }) {
    await lab.kernel.sysctl('net.ipv4.tcp_retries2', retries);
    const server = await lab.server();
    const client = await lab.client(server);

    await step("the server's host is gone: nothing arrives there; the client sends");
    await server.deafen('everything');
    const counters = await lab.kernel.counters();
    const watching = client.measure.retransmissions(50_000);
    await client.write('anybody there?');
    await expect(client).state('ESTABLISHED', { timer: 'on', retransmits: 1 });

    await step('nothing answers');
    const { sentAgain, gone } = await watching;
    const sent = await counters.moved('RetransSegs');
    expect.value('sent again, times', sent, { supports: 'C54' }).atLeast(retries);
    const gaps = [...sentAgain, gone].slice(1).map((end, i) => between(sentAgain[i], end));
    for (const [i, gap] of gaps.entries()) {
      const before = gaps[i - 1];
      if (before === undefined) expect.span('first gap', gap).atLeast(100);
      else expect.span('next gap, longer', gap, { supports: 'C54' }).atLeast(times(before, 1.2));
    }
    await expect(client, { supports: 'C54' }).gone();
    expect.value('TCPAbortOnTimeout', await counters.moved('TCPAbortOnTimeout')).equals(1);

    await step('the client learns of it');
    await expect(client, { title: 'the next send', supports: 'C54' }).sends('ETIMEDOUT');
    await expect(client, { title: 'and the next', supports: 'C54' }).sends('EPIPE');
  },
});

function between(begin: Measured | null | undefined, end: Measured | null | undefined): Measured {
  const unseen = { leastMs: Number.NaN, mostMs: Number.NaN };
  const [from, to] = [begin ?? unseen, end ?? unseen];
  return { leastMs: to.leastMs - from.mostMs, mostMs: to.mostMs - from.leastMs };
}

function times({ leastMs, mostMs }: Measured, factor: number): Measured {
  return { leastMs: leastMs * factor, mostMs: mostMs * factor };
}
