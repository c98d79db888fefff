import { formatEndpoint, isLoopback, isWildcard } from '../../address.ts';
import { loopbackCode } from '../../diagnose/advice/languages.ts';
import { codeStep, type Step, step } from '../../diagnose/advice/step.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { faultHere } from '../parts/culprits.ts';

interface Service {
  readonly name: string;
  /** The setting that makes it listen only on loopback. */
  readonly setting: string;
}

/** Services for this machine only, unless they are secured, by their usual ports; and debuggers. */
const internal: Readonly<Record<number, Service>> = {
  2375: { name: 'the Docker API without TLS', setting: 'dockerd -H unix:///var/run/docker.sock' },
  2379: { name: 'etcd', setting: '--listen-client-urls http://127.0.0.1:2379' },
  3306: { name: 'MySQL', setting: 'bind-address = 127.0.0.1 below [mysqld]' },
  5432: { name: 'PostgreSQL', setting: "listen_addresses = 'localhost' in postgresql.conf" },
  5678: { name: 'the Python debugger', setting: '--listen 127.0.0.1:5678' },
  5984: { name: 'CouchDB', setting: 'bind_address = 127.0.0.1 below [chttpd]' },
  6379: { name: 'Redis', setting: 'bind 127.0.0.1 -::1 in redis.conf' },
  9200: { name: 'Elasticsearch', setting: 'network.host: _local_ in elasticsearch.yml' },
  9229: { name: 'the Node inspector', setting: '--inspect=127.0.0.1:9229' },
  11211: { name: 'memcached', setting: '-l 127.0.0.1' },
  27017: { name: 'MongoDB', setting: 'bindIp: 127.0.0.1 below net: in mongod.conf' },
};
const debuggers =
  /--inspect(?:-brk)?(?:-wait)?=(?:0\.0\.0\.0|\[::\])|-agentlib:jdwp=\S*address=(?:\*|0\.0\.0\.0)/;

/** A listener on all addresses that was probably meant for loopback. */
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

function serviceOf(listener: Socket, facts: Facts): Service | null {
  const { port } = listener.local;
  const commands = facts.processesOf(listener).map(({ command }) => command);
  const debugging = commands.find((command) => debuggers.test(command) && command.includes(String(port)));
  if (debugging !== undefined) {
    const setting = debugging.includes('jdwp') ? `address=127.0.0.1:${port}` : `--inspect=127.0.0.1:${port}`;
    return { name: 'a debugger', setting };
  }
  return internal[port] ?? null;
}

function findingOf(listener: Socket, service: Service, facts: Facts): Finding {
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
    what: `${formatEndpoint(local)} is open to all networks of this machine: it looks like ${service.name}, and ${seen}`,
    fault: faultHere([listener], facts, (who) => `${who} listens on ${local.address}`),
    since: null,
    trend: null,
    cost: 'anyone who reaches the machine reaches the service, unless a firewall is in between',
    steps: [stepFor(service)],
    count: 1,
    sockets: [],
    figures: { connections: clients.length, fromElsewhere: foreign },
  };
}

function stepFor({ name, setting }: Service): Step {
  const text = `if only this machine uses it, have it listen on loopback; ${name}: ${setting}`;
  // A debugger opens its own listener, in any program.
  return /debugger|inspector/.test(name) ? step(text) : codeStep(text, loopbackCode);
}
