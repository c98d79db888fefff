import { formatEndpoint } from '../../address.ts';
import { type Step, step } from '../../diagnose/advice/step.ts';
import type { Nat, Redirect } from '../../observe/nat/redirects.ts';
import { publisherIn } from '../../observe/publisher.ts';
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
    const nat = await facts.sources.nat();
    return facts.listeners.flatMap((listener) => {
      const redirects = redirectsOf(listener, nat);
      return redirects.length === 0 || keepsThePort(listener, facts)
        ? []
        : [findingOf(listener, redirects, facts)];
    });
  },
};

/** Those for all ports are rules of a proxy. */
function redirectsOf({ local }: Socket, nat: Nat): Redirect[] {
  const found = nat.redirectsOf(local.port, nat.addressesOf(local.address));
  return found.filter(({ names }) => names === 'the port');
}

// An engine's own listener is there for what its rule does not reach, or to keep the port.
function keepsThePort(listener: Socket, facts: Facts): boolean {
  return facts.holdersOf(listener).some(({ pid, name }) => {
    return name === 'kube-proxy' || publisherIn(facts.process(pid)?.command ?? `${name} `) !== null;
  });
}

function findingOf(listener: Socket, redirects: readonly Redirect[], facts: Facts): Finding {
  const { port } = listener.local;
  const clients = clientsOf(redirects);
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
    steps: stepsFor(redirects, facts),
    count: 1,
    sockets: [],
    figures: { to: typeof to === 'number' ? to : null },
  };
}

/** `clients on this machine`, `some clients on other machines`. */
function clientsOf(redirects: readonly Redirect[]): string {
  const hooks = new Set(redirects.map(({ hook }) => hook));
  const some = redirects.every(({ clients }) => clients === 'some') ? 'some ' : '';
  if (hooks.size > 1 || hooks.has(null)) return `${some}clients`;
  return `${some}clients on ${hooks.has('output') ? 'this machine' : 'other machines'}`;
}

const shownRules = 3;

function stepsFor(redirects: readonly Redirect[], { shell }: Facts): Step[] {
  return redirects
    .slice(0, shownRules)
    .flatMap(({ to, show, remove }) => [
      step(`look at the rule that leads to ${to}`, shell.command('root', show)),
      ...(remove === null ? [] : [step('if it is not wanted, delete it', shell.command('root', remove))]),
    ]);
}
