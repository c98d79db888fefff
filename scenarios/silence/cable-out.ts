import { scenario } from '../../src/index.ts';

/** 2 retransmissions mean 200, 400 and 800 ms without an answer; the kernel's clock may tick every 10 ms. */
const patienceMs = 1400 - 20;

export default scenario({
  title: "The cable is unplugged: nothing answers for the peer's address",
  claim:
    'If nothing answers for the address of the other side, the kernel gives up a connection with unacknowledged data, as after ' +
    'silence, but the next call gets EHOSTUNREACH, and the one after that EPIPE.',
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

    await step("the cable is unplugged at the server's host; the client sends");
    await lab.wire.unplug();
    const counters = await lab.kernel.counters();
    const watching = client.measure.untilGone(50_000);
    // The run may end before it is awaited.
    watching.catch(() => {});
    await client.write('anybody there?');
    await expect(client).state('ESTABLISHED', { timer: 'on' });

    await step('nothing answers, and tcp_retries2 is soon used up');
    await lab.kernel.sysctl('net.ipv4.tcp_retries2', 2);
    const gone = await watching;
    const sent = await counters.moved('RetransSegs');
    expect.value('sent again, RetransSegs', sent).atLeast(2);
    expect.span('given up after', gone).atLeast(patienceMs);
    await expect(client).gone();
    expect.value('TCPAbortOnTimeout', await counters.moved('TCPAbortOnTimeout')).equals(1);

    await step('the client learns of it');
    await expect(client, {
      title: 'the next send',
      uncontrolled:
        'with the cable in the connection is not given up, and the run ends before it: "client" shows that',
      supports: 'C54/error',
      otherwise: 'a byte',
    }).sends('EHOSTUNREACH');
    await expect(client, {
      title: 'and the next',
      uncontrolled:
        'with the cable in the connection is not given up, and the run ends before it: "client" shows that',
      supports: 'C54/EPIPE',
      otherwise: ['a byte', 'EHOSTUNREACH'],
    }).sends('EPIPE');
  },
});
