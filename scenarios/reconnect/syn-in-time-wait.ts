import { scenario } from '../../src/index.ts';

const isn = 1_000_000_000;
const higher = isn + 100_000;
const lower = isn - 100_000;

/** Why these have no stimulus of their own. */
const follows = 'the run ends if the client does not connect: that is what "with SO_REUSEADDR" shows';
const absent = 'an absence: that a RST would be counted is shown by "RSTs", with a lower sequence number';

export default scenario({
  title: 'A newer SYN opens a new connection over TIME_WAIT, an older one does not',
  claim:
    'A SYN for a pair that is in TIME_WAIT at the server opens a new connection if its sequence number lies beyond the old ' +
    "connection's, or its timestamp is newer; otherwise an ACK answers it, and the client answers that with RST.",
  source: ['RFC 9293 section 3.6.1', 'RFC 6191 section 2', 'Linux: tcp_timewait_state_process()'],
  decides: ['C35'],
  needs: ['namespace'],
  control: 'sysctl',
  takes: 3,

  async run({ lab, expect, step }) {
    const server = await lab.server();
    const localPort = await lab.freePort();
    let client = await lab.client(server, { name: 'first client', localPort, initialSequence: isn });
    const { process, again } = {
      process: client,
      again: { name: 'client again', localPort, reuseAddress: 'on' } as const,
    };

    // The server closes first, so TIME_WAIT is on its side, and the pair is free for the client.
    const closeByServer = async () => {
      const end = await server.connectionTo(client.connection);
      const atServer = { name: 'server', ends: [end] };
      await server.endTo(client);
      await client.destroy();
      await expect(atServer).state('TIME_WAIT');
      await expect(client).gone();
      return atServer;
    };

    await step('timestamps on, a newer one, and a lower sequence number');
    let left = await closeByServer();
    let counters = await lab.kernel.counters();
    client = await expect(lab.client(server, { ...again, process, initialSequence: lower }), {
      supports: 'C35/newer timestamp',
      without: 'last destroy',
    }).connects();
    await expect(left, {
      supports: 'C35/newer timestamp',
      otherwise: 'TIME_WAIT',
      uncontrolled: follows,
    }).state('ESTABLISHED');
    expect
      .value('RSTs', await counters.moved('OutRsts'), {
        supports: 'C35/newer timestamp',
        otherwise: 1,
        uncontrolled: absent,
      })
      .equals(0);
    await client.reset();
    await expect(client).gone();

    await step('timestamps off, and a higher sequence number');
    await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 0);
    client = await lab.client(server, { ...again, process, initialSequence: isn });
    left = await closeByServer();
    counters = await lab.kernel.counters();
    client = await expect(lab.client(server, { ...again, process, initialSequence: higher }), {
      supports: 'C35/higher ISN',
      without: 'last destroy',
    }).connects();
    await expect(left, { supports: 'C35/higher ISN', otherwise: 'TIME_WAIT', uncontrolled: follows }).state(
      'ESTABLISHED',
    );
    expect
      .value('RSTs', await counters.moved('OutRsts'), {
        supports: 'C35/higher ISN',
        otherwise: 1,
        uncontrolled: absent,
      })
      .equals(0);

    await step('a lower one: TIME_WAIT sends an ACK, a RST ends it, and the SYN is sent again');
    await closeByServer();
    counters = await lab.kernel.counters();
    client = await expect(lab.client(server, { ...again, process, initialSequence: lower })).connects();
    expect
      .value('RSTs', await counters.moved('OutRsts'), {
        supports: 'C35/lower ISN',
        otherwise: 0,
      })
      .equals(1);
    expect
      .value('SYNs sent again', await counters.moved('TCPSynRetrans'), {
        supports: 'C35/lower ISN',
      })
      .atLeast(1);

    await step('with tcp_rfc1337 = 1 the RST does not end it');
    await lab.kernel.sysctl('net.ipv4.tcp_rfc1337', 1);
    const atServer = await closeByServer();
    const refused = await lab.client(server, {
      ...again,
      process,
      initialSequence: lower - 100_000,
      completion: 'not awaited',
    });
    await expect(refused, { supports: 'C35/lower ISN' }).state('SYN_SENT', { retransmits: 2 });
    await expect(atServer, { supports: 'C35/lower ISN' }).state('TIME_WAIT');
  },
});
