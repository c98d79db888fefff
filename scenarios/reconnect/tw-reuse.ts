import { type Client, type Lab, scenario } from '../../src/index.ts';
import { limitClientPorts } from '../../src/kit/kit.ts';

export default scenario({
  title: 'tcp_tw_reuse lets a client reuse a port in TIME_WAIT',
  claim:
    'If the only port that the kernel can choose is in TIME_WAIT, connect fails with tcp_tw_reuse at 0; at 1 it replaces ' +
    'the old connection, with a greater timestamp, once tcp_tw_reuse_delay has passed; at 2 it does so for loopback addresses only.',
  source: ['ip-sysctl: tcp_tw_reuse, tcp_tw_reuse_delay', 'RFC 6191', 'Linux: tcp_twsk_unique()'],
  decides: ['C32', 'C33'],
  needs: ['packets'],
  control: 'sysctl',
  takes: 4.5,

  async run({ lab, expect, step }) {
    const delay = await lab.kernel.readSysctl('net.ipv4.tcp_tw_reuse_delay');
    const delayMs = Number(delay ?? 1000);
    // Kernels without the setting compare whole seconds, and the next second may begin at once.
    const leastMs = delay === null ? 1 : delayMs;
    const port = await lab.freePort();
    await limitClientPorts(lab, 1, port);
    const server = await lab.server({ conduct: 'reads' });

    await step('tcp_tw_reuse = 0');
    await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', 0);
    const client = await lab.client(server);
    const again = { process: client, name: 'client again' };
    await client.end();
    await expect(client).state('TIME_WAIT');
    await lab.pass(delayMs + 300, 'tcp_tw_reuse_delay');
    await expect(lab.client(server, again), {
      supports: 'C33/value 0',
      otherwise: 'connected',
    }).fails('connect', 'EADDRNOTAVAIL');

    await step('tcp_tw_reuse = 1');
    await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', 1);
    const counters = await lab.kernel.counters();
    const second = await expect(lab.client(server, again), {
      without: 'last sysctl',
      supports: ['C33/timestamp', 'C33/value 1', 'C32/tcp_tw_reuse'],
      otherwise: 'connect: EADDRNOTAVAIL',
    }).connects();
    expect.value('TIME_WAITs replaced, TWRecycled', await counters.moved('TWRecycled')).equals(1);

    const [last, first] = await timestampsOf(lab, second);
    expect
      .value('its timestamp, above the last of the old one', (first - last) | 0, {
        supports: 'C33/timestamp',
        uncontrolled:
          'without tcp_tw_reuse the run ends before it: "without SO_REUSEADDR" shows that it matters',
        derived: { from: 'packets', of: second, jq: timestampsInPackets },
      })
      .atLeast(1);

    await step('it closes, and the next client does not wait');
    let closedAt = performance.now();
    await second.end();
    await expect(second).state('TIME_WAIT');
    const third = await lab.untilConnects(server, again, closedAt, 20_000);
    expect
      .span('connects after', third.afterMs, {
        derived: connectedAfter(closedAt),
        refutes: 'C33/no delay',
        uncontrolled:
          'a connection that replaces nothing does not wait: that TIME_WAIT is in the way is shown by "without SO_REUSEADDR"',
        otherwise: { atMost: leastMs / 2 },
      })
      .atLeast(leastMs);

    await step(`tcp_tw_reuse = 2, and the server at ${lab.address}`);
    await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', 2);
    expect.value('the setting', await lab.kernel.settings('tcp_tw_reuse')).equals('tcp_tw_reuse=2');
    closedAt = performance.now();
    await third.client.end();
    await expect(third.client).state('TIME_WAIT');
    if (lab.isLoopback) {
      const fourth = await lab.untilConnects(server, again, closedAt, 20_000);
      expect
        .span('connects after', fourth.afterMs, {
          derived: connectedAfter(closedAt),
          supports: 'C33/value 2',
          uncontrolled:
            'a connection that replaces nothing does not wait: that TIME_WAIT is in the way is shown by "without SO_REUSEADDR"',
        })
        .atLeast(leastMs);
    } else {
      await lab.pass(delayMs + 300, 'tcp_tw_reuse_delay');
      const about = {
        refutes: 'C33/value 2 elsewhere',
        otherwise: 'connected',
        note: 'not a loopback address',
      } as const;
      await expect(lab.client(server, again), about).fails('connect', 'EADDRNOTAVAIL');
    }
  },
});

/** How much the first timestamp of the second connection is above the last of the first one, for jq. */
const timestampsInPackets = [
  'map(select(.sender == "client" and .timestamp != null))',
  '(map(select(.connection == 1)) | first.timestamp) - (map(select(.connection == 0)) | last.timestamp)',
].join(' | ');

/** When the last connect succeeded, as the client's process answered. */
function connectedAfter(sinceMs: number) {
  const jq = `map(select(.method == "connect")) | last | [.answeredMs - ${sinceMs}, .answeredMs - ${sinceMs}]`;
  return { from: 'answers', jq } as const;
}

/** Of the pair's client: the last timestamp of its connection before, and the first of this one. */
async function timestampsOf(lab: Lab, client: Client): Promise<[number, number]> {
  const [before, now] = (await lab.wire.incarnations(client)).slice(-2);
  const values = (connection: typeof now) =>
    (connection?.segments ?? []).flatMap(({ sender, timestamps }) =>
      sender === 'client' && timestamps !== null ? [timestamps.value] : [],
    );
  return [values(before).at(-1) ?? Number.NaN, values(now)[0] ?? Number.NaN];
}
