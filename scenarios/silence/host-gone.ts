import { integer, scenario } from '../../src/index.ts';
import { gapsOfRepeats } from '../../src/kit/kit.ts';

/** The same as gapsOfRepeats(), for jq. */
const gapsInPackets = [
  'map(select(.sender == "client" and .length > 0)) | first.sequence as $first | map(select(.sequence == $first).atMs)',
  '[.[1:], .[:-1]] | transpose | map(.[0] - .[1])',
].join(' | ');

export default scenario({
  title: "The peer's host is gone: data is retransmitted, then given up",
  claim:
    'If the other side falls silent, unacknowledged data is retransmitted by the timer, each time after a longer gap, until ' +
    'tcp_retries2 is used up: then the connection is gone, the next call gets ETIMEDOUT, and the one after that EPIPE.',
  source: [
    'RFC 6298 section 5.5',
    'RFC 8985 section 7 (tail-loss probe)',
    'ip-sysctl: tcp_retries2',
    'Linux: tcp_retransmit_timer(), tcp_send_loss_probe(), tcp_write_timeout()',
  ],
  decides: ['C54'],
  needs: ['packets'],
  control: 'deafen',
  takes: 3.5,
  parameters: { retries: integer(2, { min: 2, max: 5 }, 'set tcp_retries2 to n') },

  async run({ lab, expect, step, note, retries }) {
    await lab.kernel.sysctl('net.ipv4.tcp_retries2', retries);
    const server = await lab.server();
    const client = await lab.client(server);

    await step("the server's host is gone: nothing arrives there; the client sends");
    await server.deafen('everything');
    const counters = await lab.kernel.counters();
    await client.write('anybody there?');
    await expect(client).state('ESTABLISHED', { timer: 'on', retransmits: 1 });

    await step('nothing answers, and the kernel gives up');
    await expect(client).gone(60_000);
    expect.value('TCPAbortOnTimeout', await counters.moved('TCPAbortOnTimeout')).equals(1);

    await step('what was captured');
    const { segments } = await lab.wire.captured(client);
    const sent = segments.findIndex(({ sender, length }) => sender === 'client' && length > 0);
    const answers = segments.slice(sent).filter(({ sender }) => sender === 'server');
    expect.value('segments of the server since', answers.length).equals(0);
    const gaps = gapsOfRepeats(segments, 'client');
    expect
      .value('sent again, times', gaps.length, {
        supports: 'C54/sent again',
        otherwise: 0,
        segments: {
          of: client,
          after: sent + 1,
          until: segments.length,
          filter: `tcp.len > 0 && tcp.dstport == ${server.port}`,
        },
      })
      .atLeast(retries);
    expect.value('RetransSegs', await counters.moved('RetransSegs')).equals(gaps.length);
    note(`the gaps: ${gaps.map((ms) => `${Math.round(ms)} ms`).join(', ')}`);

    // A tail-loss probe comes before the timer, and restarts the timer.
    const probes = await counters.moved('TCPLossProbes');
    if (probes > 0)
      note(`the first of them is a tail-loss probe, which the timer did not send: TCPLossProbes ${probes}`);
    const byTimer = gaps.slice(probes);
    expect
      .value('gaps of the timer', byTimer.length, {
        supports: 'C54/sent again',
        derived: { from: 'packets', of: client, jq: `${gapsInPackets} | .[${probes}:] | length` },
      })
      .atLeast(2);
    for (const [i, gap] of byTimer.entries()) {
      const before = byTimer[i - 1];
      if (before === undefined) continue;
      const growth = Number((gap / before).toFixed(2));
      expect
        .value(`growth from ${Math.round(before)} to ${Math.round(gap)} ms`, growth, {
          supports: 'C54/sent again',
          uncontrolled: 'if the host answers, there is no gap to compare: "gaps of the timer" shows that',
          otherwise: { atMost: 1.1 },
          derived: {
            ...{ from: 'packets', of: client },
            jq: `${gapsInPackets} | .[${probes}:] | .[${i}] / .[${i - 1}]`,
          },
        })
        .atLeast(1.2);
    }

    await step('the client learns of it');
    await expect(client, { title: 'the next send', supports: 'C54/error', otherwise: 'a byte' }).sends(
      'ETIMEDOUT',
    );
    await expect(client, {
      title: 'and the next',
      supports: 'C54/EPIPE',
      otherwise: ['a byte', 'ETIMEDOUT'],
    }).sends('EPIPE');
  },
});
