import { formatEndpoint, isLoopback, isWildcard } from '../../address.ts';
import { step } from '../../diagnose/advice/step.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { culpritsOf, whoHas } from '../parts/culprits.ts';

/** Services that are made for this machine alone unless they are secured, by their usual ports; and debuggers. */
const internal: Readonly<Record<number, string>> = {
  2375: 'the Docker API without TLS',
  2379: 'etcd',
  3306: 'MySQL',
  5432: 'PostgreSQL',
  5678: 'the Python debugger',
  5984: 'CouchDB',
  6379: 'Redis',
  9200: 'Elasticsearch',
  9229: 'the Node inspector',
  11211: 'memcached',
  27017: 'MongoDB',
};
const debuggers =
  /--inspect(?:-brk)?(?:-wait)?=(?:0\.0\.0\.0|\[::\])|-agentlib:jdwp=\S*address=(?:\*|0\.0\.0\.0)/;

/** A listener on all addresses where loopback was probably meant. */
export const allAddresses: FindingKind = {
  name: 'all-addresses',
  title: 'a service for this machine alone listens on all addresses',
  find(facts) {
    return facts.listeners
      .filter(({ local }) => isWildcard(local.address))
      .flatMap((listener) => {
        const service = serviceOf(listener, facts);
        return service === null ? [] : [findingOf(listener, service, facts)];
      });
  },
};

function serviceOf(listener: Socket, facts: Facts): string | null {
  const { port } = listener.local;
  const commands = facts.holdersOf(listener).map(({ pid }) => facts.process(pid)?.command ?? '');
  if (commands.some((command) => debuggers.test(command) && command.includes(String(port))))
    return 'a debugger';
  return internal[port] ?? null;
}

function findingOf(listener: Socket, service: string, facts: Facts): Finding {
  const { local } = listener;
  const clients = facts.connections.filter(
    (socket) => socket.local.port === local.port && socket.state === 'ESTABLISHED',
  );
  const foreign = clients.filter(({ remote }) => !isLoopback(remote.address)).length;
  const seen =
    clients.length === 0
      ? 'it has no connections now'
      : `${foreign} of its ${clients.length} connections come from elsewhere`;
  return {
    severity: 'note',
    weight: 8,
    what: `${formatEndpoint(local)} is open to all networks of this machine: it looks like ${service}, and ${seen}`,
    fault: {
      side: 'this side',
      processes: culpritsOf([listener], facts),
      because: `${whoHas([listener], facts)} listens on ${local.address}`,
    },
    since: null,
    trend: null,
    cost: 'anyone who reaches the machine reaches the service, unless a firewall is in between',
    steps: [step('if only this machine uses it, have it listen on 127.0.0.1 and ::1')],
    count: 1,
    sockets: [],
    figures: { connections: clients.length, fromElsewhere: foreign },
  };
}
