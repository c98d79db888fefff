import { formatEndpoint } from '../../address.ts';
import { step } from '../../diagnose/advice/step.ts';
import { publisherIn } from '../../observe/publisher.ts';
import type { Redirect } from '../facts/nat.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { culpritsOf, whoHas } from '../parts/culprits.ts';

/** A rule of NAT takes the port of a listener: clients reach something else. */
export const natRule: FindingKind = {
  name: 'nat-rule',
  title: 'a rule of NAT takes the port of a listener',
  async find(facts) {
    if (facts.listeners.length === 0) return [];
    const { redirects } = await facts.sources.natRules();
    return facts.listeners.flatMap((listener) => {
      const redirect = redirects.find((one) => takes(one, listener));
      return redirect === undefined || isPublished(listener, facts)
        ? []
        : [findingOf(listener, redirect, facts)];
    });
  },
};

function takes({ ports, to }: Redirect, { local }: Socket): boolean {
  return ports.some(([low, high]) => local.port >= low && local.port <= high) && to !== local.port;
}

// An engine's own listener is there for what its rule does not reach, or to keep the port.
function isPublished(listener: Socket, facts: Facts): boolean {
  return facts
    .holdersOf(listener)
    .some(({ pid, name }) => publisherIn(facts.process(pid)?.command ?? `${name} `) !== null);
}

function findingOf(listener: Socket, { hook, rule, to, show }: Redirect, facts: Facts): Finding {
  const { port } = listener.local;
  const clients = hook === 'output' ? 'clients on this machine' : 'clients on other machines';
  return {
    severity: 'wrong',
    weight: 65,
    what: `a rule of NAT takes port ${port} from ${formatEndpoint(listener.local)}: ${clients} get to ${to === null ? 'another address' : `port ${to}`}`,
    fault: {
      side: 'a setting',
      processes: culpritsOf([listener], facts),
      because: `the rule "${rule}" comes before ${whoHas([listener], facts)}`,
    },
    since: null,
    trend: null,
    cost: `${clients} never reach this listener, and get "connection refused" if nothing listens there`,
    steps: [step('look at the rule, and delete it if it is not wanted', facts.shell.command('root', show))],
    count: 1,
    sockets: [],
    figures: { to },
  };
}
