import { integer, scenario } from '../../src/index.ts';
import { lastChurn, lateInChurn, limitClientPorts } from '../../src/kit/kit.ts';

const shortConnections = { closer: 'server' } as const;

export default scenario({
  title: 'A server full of TIME_WAITs serves two thousand clients at once',
  claim:
    'A server that has thousands of TIME_WAITs serves all of two thousand more clients at once; some are not served if its accept ' +
    'queue is short, or if the client runs out of ports.',
  source: [
    'listen(2), backlog',
    'connect(2), EADDRNOTAVAIL',
    'Linux: tcp_conn_request(), __inet_hash_connect()',
  ],
  decides: ['C36'],
  needs: ['namespace', 'descriptors'],
  control: 'churn',
  takes: 5,
  peers: 6,
  parameters: { clients: integer(2000, { min: 100, max: 5000 }, 'connect n clients at once') },

  async run({ lab, expect, step, clients }) {
    const atOnce = { connections: clients, concurrency: clients };
    await lab.kernel.sysctl('net.core.somaxconn', 8192);

    await step(`a server that has closed ${2 * clients} connections first`);
    const server = await lab.server({ backlog: 8192, shortConnections });
    await lab.load.churn({ to: server, connections: 2 * clients });
    const { sockets } = (await lab.load.timeWaitsOf(server)).server;
    expect
      .value('TIME_WAITs of the server', sockets, { supports: 'C36/collects', otherwise: 0 })
      .atLeast(clients);

    await step(`${clients} more at once`);
    let counters = await lab.kernel.counters();
    const patient = await lab.load.churn({ to: server, ...atOnce });
    expect
      .value('served', patient.outcomes['ok'] ?? 0, {
        refutes: ['C36/cannot connect', 'C36/many TIME_WAITs'],
        otherwise: { atMost: clients - 1 },
        derived: lastChurn('.outcomes.ok // 0'),
      })
      .equals(clients);
    expect.value('ListenOverflows', await counters.moved('ListenOverflows')).equals(0);

    await step('the same with a backlog of 5, and 1.5 s of patience');
    const narrow = await lab.server({ name: 'narrow server', backlog: 5, shortConnections });
    counters = await lab.kernel.counters();
    const crowd = await lab.load.churn({ to: narrow, ...atOnce, timeoutMs: 1500 });
    const note = 'connect() succeeds, but the server, whose queue is full, does not get the connection';
    expect
      .value('not served', crowd.late, {
        ...{ supports: 'C36/accept queue', otherwise: 0, note },
        derived: lastChurn(lateInChurn),
      })
      .atLeast(1);
    expect
      .value('ListenOverflows', await counters.moved('ListenOverflows'), {
        supports: 'C36/accept queue',
        otherwise: 0,
      })
      .atLeast(1);

    await step('the same with half as many ports as clients');
    const ports = Math.floor(clients / 2);
    await limitClientPorts(lab, ports);
    const third = await lab.server({ name: 'third server', backlog: 8192, shortConnections });
    const crammed = await lab.load.churn({ to: third, ...atOnce });
    expect.value('connect EADDRNOTAVAIL', crammed.outcomes['connect EADDRNOTAVAIL'] ?? 0).atLeast(1);
  },
});
