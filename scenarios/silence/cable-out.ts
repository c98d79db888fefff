import { scenario } from '../../src/index.ts';

/** 2 retransmissions stand for 200, 400 and 800 ms without an answer; the kernel's clock may tick in 10 ms. */
const patienceMs = 1400 - 20;

export default scenario({
  title: "The cable is out: nobody has the peer's address any more",
  claim:
    'If not even a neighbour answers for the address of the other side, a connection with data under way is given up as when nothing is ' +
    'heard of it, but the next call gets EHOSTUNREACH, and the one after that EPIPE.',
  source: [
    'RFC 1122 section 4.2.3.9',
    'RFC 6069 section 4',
    'ip-sysctl: tcp_retries2',
    'Linux: tcp_v4_err(), tcp_v6_err(), tcp_write_err()',
  ],
  decides: ['C54'],
  needs: ['two hosts'],
  control: 'unplug',
  takes: 4,

  async run({ lab, expect, step }) {
    const server = await lab.server();
    const client = await lab.client(server);

    await step("the cable is taken out at the server's host; the client sends");
    await lab.wire.unplug();
    const counters = await lab.kernel.counters();
    const watching = client.measure.retransmissions(50_000);
    await client.write('anybody there?');
    await expect(client).state('ESTABLISHED', { timer: 'on' });

    await step('nobody answers, and tcp_retries2 is used up soon');
    await lab.kernel.sysctl('net.ipv4.tcp_retries2', 2);
    const { gone } = await watching;
    const sent = await counters.moved('RetransSegs');
    expect.value('sent again, times', sent, { supports: 'C54' }).atLeast(1);
    expect.span('given up after', gone ?? Number.NaN).atLeast(patienceMs);
    await expect(client, { supports: 'C54' }).gone();
    expect.value('TCPAbortOnTimeout', await counters.moved('TCPAbortOnTimeout')).equals(1);

    await step('the client learns of it');
    const first = await client.send('x');
    expect.value('the next send', first.errno ?? 'sent', { supports: 'C54' }).equals('EHOSTUNREACH');
    const second = await client.send('x');
    expect.value('and the next', second.errno ?? 'sent', { supports: 'C54' }).equals('EPIPE');
  },
});
