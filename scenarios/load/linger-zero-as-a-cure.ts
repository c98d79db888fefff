import { integer, scenario } from '../../src/index.ts';
import { keepTimeWaits, limitClientPorts } from '../../src/kit/kit.ts';

export default scenario({
  title: 'Linger 0 as a cure for clients that cannot connect',
  claim:
    'If the server closes first, linger 0 does not help clients connect: the accept queue is as short as before. It helps a client ' +
    'that closes first and runs out of ports, and a linger time above 0 does not.',
  source: ['socket(7), SO_LINGER', 'listen(2), backlog'],
  decides: ['C37'],
  needs: ['namespace'],
  control: 'churn',
  takes: 3,
  peers: 6,
  parameters: { ports: integer(100, { min: 10, max: 1000 }, 'how many ports the client has') },

  async run({ lab, expect, step, ports }) {
    await keepTimeWaits(lab);
    await step('2000 at once, a backlog of 5, and a server that closes first with linger 0');
    const server = await lab.server({ backlog: 5, shortConnections: { closer: 'server', linger: 0 } });
    const counters = await lab.kernel.counters();
    const atOnce = { connections: 2000, concurrency: 2000, timeoutMs: 1500 };
    const crowd = await lab.load.churn({ to: server, ...atOnce });
    expect.value('TIME_WAITs', await lab.load.countIn('TIME_WAIT', server)).equals(0);
    expect.value('not served in time', crowd.late, { refutes: 'C37' }).atLeast(1);
    expect.value('ListenOverflows', await counters.moved('ListenOverflows')).atLeast(1);

    await step(`a client with ${ports} ports that closes first`);
    await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', 0);
    await limitClientPorts(lab, ports);
    const connections = 2 * ports;
    for (const linger of ['off', 1, 0] as const) {
      const name = `server of linger ${linger}`;
      const other = await lab.server({ name, shortConnections: { closer: 'client', linger } });
      const { connected } = await lab.load.churn({ to: other, connections, concurrency: 5 });
      const connects = expect.value(`linger ${linger}, connected`, connected, { supports: 'C37/client' });
      connects.equals(linger === 0 ? connections : ports);
    }
  },
});
