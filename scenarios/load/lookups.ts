import { integer, type Server, scenario } from '../../src/index.ts';
import { keepTimeWaits, limitClientPorts } from '../../src/kit/kit.ts';

const trials = 400;
/** Of several rounds the fastest counts, so that what else the machine does is left out. */
const rounds = 5;
const ports = 10_000;
const few = 10_000;
const many = 20_000;
/** Half of the time that a TIME_WAIT lasts: a slow machine cannot have 50,000 of them at once. */
const secondsToMake = 30;
const backlog = 4096;
const closedByServer = { closer: 'server' } as const;
const closedByClient = { closer: 'client' } as const;

export default scenario({
  title: 'Thousands of TIME_WAITs slow connect down only if they take its ports',
  claim:
    'With tens of thousands of TIME_WAITs the kernel finds a connection as fast as with none, by a hash; but a client that has more than half ' +
    'of its ports in TIME_WAIT towards one destination waits while the kernel searches for a free one.',
  source: ['Linux: __inet_lookup_established(), __inet_hash_connect()', 'ip-sysctl: ip_local_port_range'],
  decides: ['C40'],
  needs: ['namespace'],
  control: 'churn',
  takes: 12,
  slow: 'it makes many thousands of connections',
  peers: 6,
  parameters: { most: integer(50_000, { min: many, max: 100_000 }, 'leave n TIME_WAITs') },

  async run({ lab, expect, step, note, most }) {
    await keepTimeWaits(lab);
    await lab.kernel.sysctl('net.ipv4.ip_local_port_range', '1024 65535');
    await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', 0);
    const asked = await lab.server({ name: 'asked server', backlog, shortConnections: closedByClient });
    const closing = [];
    for (const name of ['first closing server', 'second closing server', 'third closing server'])
      closing.push(await lab.server({ name, backlog, shortConnections: closedByServer }));

    await step('no TIME_WAIT');
    const connectTime = async (server: Server) => {
      const times = [];
      for (let round = 0; round < rounds; round++) times.push(await lab.load.connectTime(server, trials));
      return Math.min(...times);
    };
    const alone = await connectTime(asked);
    note(`connect takes ${Math.round(alone)} microseconds`);
    const ratio = (microseconds: number) => Number((microseconds / alone).toFixed(2));

    let perSecond = Number.POSITIVE_INFINITY;
    for (const wanted of [few, most]) {
      const count = Math.min(wanted, Math.max(many, Math.floor(perSecond * secondsToMake)));
      await step(`${count} TIME_WAITs at servers`);
      // Some connections replace a TIME_WAIT of the same port, so it takes more connections than TIME_WAITs.
      for (let round = 0; round < 3 && (await lab.load.timeWaits()) < count; round++) {
        const missing = count - (await lab.load.timeWaits());
        const connections = Math.ceil(missing * 1.3);
        perSecond = (await lab.load.churn({ to: closing, connections, concurrency: 200 })).perSecond;
      }
      expect.value('TIME_WAITs', await lab.load.timeWaits()).atLeast(count * 0.9);
      const beside = ratio(await connectTime(asked));
      expect
        .value('connect, by that of none', beside, {
          refutes: 'C40/lookups',
          otherwise: { atLeast: 2 },
          uncontrolled:
            'an absence: that a search among TIME_WAITs can be seen is shown by "connect there, by that of none"',
        })
        .atMost(1.5);
    }

    await step(`a client with ${ports} ports, of which six in ten are in TIME_WAIT towards one server`);
    await limitClientPorts(lab, ports);
    const worn = await lab.server({ name: 'worn server', backlog, shortConnections: closedByClient });
    await lab.load.churn({ to: worn, connections: ports * 0.6 });
    const toWorn = await lab.load.connectTime(worn, 300);
    await lab.load.timeWaitsOf(worn);
    const why = 'connect(2) tries every other port first, and only then the rest';
    expect
      .value('connect there, by that of none', ratio(toWorn), {
        supports: 'C40/choice of ports',
        otherwise: { atMost: 1.5 },
        note: why,
      })
      .atLeast(2);
    expect.value('and to another', ratio(await connectTime(asked))).atMost(1.5);
  },
});
