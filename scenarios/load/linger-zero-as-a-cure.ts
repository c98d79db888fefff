import { integer, scenario } from '../../src/index.ts';
import { keepTimeWaits, lastChurn, lateInChurn, limitClientPorts } from '../../src/kit/kit.ts';

export default scenario({
  title: 'Linger 0 helps clients connect only if they close first and run out of ports',
  claim:
    'If the server closes first, neither linger 0 nor a linger time above 0 helps clients connect: the accept queue is as short as ' +
    'before. Linger 0 helps a client that closes first and runs out of ports, and a linger time above 0 does not.',
  source: ['socket(7), SO_LINGER', 'listen(2), backlog'],
  decides: ['C37'],
  needs: ['namespace', 'descriptors'],
  control: 'churn',
  takes: 7,
  peers: 7,
  parameters: { ports: integer(100, { min: 10, max: 1000 }, 'give the client n ports') },

  async run({ lab, expect, step, ports }) {
    await keepTimeWaits(lab);
    const atOnce = { connections: 2000, concurrency: 2000, timeoutMs: 1500 };
    for (const linger of ['off', 1, 0] as const) {
      await step(`2000 at once, a backlog of 5, and a server that closes first with linger ${linger}`);
      const name = `narrow server, linger ${linger}`;
      const server = await lab.server({ name, backlog: 5, shortConnections: { closer: 'server', linger } });
      const counters = await lab.kernel.counters();
      const crowd = await lab.load.churn({ to: server, ...atOnce });
      const { sockets } = (await lab.load.timeWaitsOf(server)).server;
      // That the server closes first is seen by where the TIME_WAITs are; with linger 0 there are none.
      if (linger === 0) expect.value('TIME_WAITs of the server', sockets).equals(0);
      else expect.value('TIME_WAITs of the server', sockets).atLeast(1);
      const late = expect.value(`linger ${linger}, not served in time`, crowd.late, {
        ...about(linger),
        derived: lastChurn(lateInChurn),
      });
      late.atLeast(1);
      expect.value('ListenOverflows', await counters.moved('ListenOverflows')).atLeast(1);
    }

    await step(`a client with ${ports} ports that closes first`);
    await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', 0);
    await limitClientPorts(lab, ports);
    const connections = 2 * ports;
    for (const linger of ['off', 1, 0] as const) {
      const name = `server of linger ${linger}`;
      const other = await lab.server({ name, shortConnections: { closer: 'client', linger } });
      const meets = linger === 0 ? {} : ({ meets: 'in TIME_WAIT' } as const);
      const { connected } = await lab.load.churn({ to: other, connections, concurrency: 5, ...meets });
      const connects = expect.value(`linger ${linger}, connected`, connected, {
        supports: 'C37/client',
        derived: lastChurn('.connected'),
        otherwise: linger === 0 ? { atMost: ports } : connections,
      });
      connects.equals(linger === 0 ? connections : ports);
    }
  },
});

function about(linger: 'off' | number): {
  refutes?: 'C37/linger 0';
  supports?: 'C37/non-zero';
  otherwise: 0;
} {
  if (linger === 'off') return { otherwise: 0 };
  return linger === 0
    ? { refutes: 'C37/linger 0', otherwise: 0 }
    : { supports: 'C37/non-zero', otherwise: 0 };
}
