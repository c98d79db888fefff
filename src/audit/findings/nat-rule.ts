import { formatEndpoint } from '../../address.ts';
import { type Redirect, takenBy } from '../../observe/nat/redirects.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { ofAllPorts } from '../parts/all-ports.ts';
import { culpritsOf, keepsThePort, whoHas } from '../parts/culprits.ts';
import { ruleSteps } from '../parts/steps.ts';

/** A NAT rule redirects the port of a listener, or all ports: clients reach something else. */
export const natRule: FindingKind = {
  name: 'nat-rule',
  title: 'a rule of NAT takes the port of a listener',
  async find(facts) {
    if (facts.listeners.length === 0) return [];
    const nat = await facts.sources.nat();
    const taken = facts.listeners.flatMap((listener) => {
      const redirects = nat.redirectsOf(listener.local.port, nat.addressesOf(listener));
      return redirects.length === 0 || keepsThePort(listener, facts) ? [] : [{ listener, redirects }];
    });
    return [
      ...taken.flatMap(({ listener, redirects }) => {
        const own = redirects.filter(({ names }) => names === 'the port');
        return own.length === 0 ? [] : [findingOf(listener, own, facts)];
      }),
      ...ofAllPorts(taken, nat, facts),
    ];
  },
};

function findingOf(listener: Socket, redirects: readonly Redirect[], facts: Facts): Finding {
  const { port } = listener.local;
  const clients = takenBy(redirects, 'clients', 'on');
  const targets = [...new Set(redirects.map(({ to }) => to))].join(' and ');
  const [first] = redirects;
  const shows = first?.by === 'rule' ? 'the rule' : 'the tracked connection';
  const to = first?.target.port;
  return {
    severity: 'wrong',
    weight: 65,
    what: `a rule of NAT takes port ${port} from ${formatEndpoint(listener.local)}: ${clients} get to ${targets}`,
    fault: {
      side: 'a setting',
      processes: culpritsOf([listener], facts),
      because: `${shows} "${first?.text}" comes before ${whoHas([listener], facts)}`,
    },
    since: null,
    trend: null,
    cost: `${clients} never reach this listener, and get "connection refused" if nothing listens there`,
    steps: ruleSteps(redirects, facts),
    count: 1,
    sockets: [],
    figures: { to: typeof to === 'number' ? to : null },
  };
}
