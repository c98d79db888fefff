import { integer, scenario } from '../../src/index.ts';
import { keepTimeWaits, lastChurn, limitClientPorts } from '../../src/kit/kit.ts';

const meets = 'in TIME_WAIT';
const shortConnections = { closer: 'client' } as const;

export default scenario({
  title: 'A client out of ports for one destination can use them all for the next',
  claim:
    'A client that closes first can connect to one address and port as often as it has ports, and then gets EADDRNOTAVAIL until ' +
    'TIME_WAIT is over; another port or another address of the server gives as many again.',
  source: ['connect(2), EADDRNOTAVAIL', 'ip-sysctl: ip_local_port_range', 'Linux: __inet_hash_connect()'],
  decides: ['C41'],
  needs: ['namespace'],
  control: 'churn',
  peers: 4,
  parameters: { ports: integer(100, { min: 10, max: 10_000 }, 'give the client n ports') },

  async run({ lab, expect, step, ports }) {
    await keepTimeWaits(lab);
    await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', 0);
    await limitClientPorts(lab, ports);
    const connections = ports + 50;

    await step(`${connections} connections from ${ports} ports to one destination`);
    const server = await lab.server({ shortConnections });
    const one = await lab.load.churn({ to: server, connections, meets });
    expect
      .value('connected', one.connected, {
        ...{ supports: 'C41/runs out', otherwise: connections },
        derived: lastChurn('.connected'),
      })
      .equals(ports);
    expect
      .value('connect EADDRNOTAVAIL', one.outcomes['connect EADDRNOTAVAIL'] ?? 0, {
        supports: 'C41/runs out',
        otherwise: 0,
        derived: lastChurn('.outcomes["connect EADDRNOTAVAIL"] // 0'),
      })
      .equals(50);

    await step('to a second port');
    const second = await lab.server({ name: 'second server', shortConnections });
    const two = await lab.load.churn({ to: second, connections, meets });
    expect
      .value('connected', two.connected, {
        supports: 'C41/port',
        otherwise: 0,
        derived: lastChurn('.connected'),
      })
      .equals(ports);

    if (lab.isLoopback && !lab.address.includes(':')) {
      await step('to a second address');
      const there = { address: '127.0.0.2', port: server.port } as const;
      const third = await lab.server({ name: 'third server', ...there, shortConnections });
      const three = await lab.load.churn({ to: third, connections, meets });
      expect
        .value('connected', three.connected, {
          supports: 'C41/address',
          otherwise: 0,
          derived: lastChurn('.connected'),
        })
        .equals(ports);
    }

    await step('no port is left for any of them');
    const again = await lab.load.churn({ to: [server, second], connections: 50, meets });
    expect.value('connected', again.connected).equals(0);
  },
});
