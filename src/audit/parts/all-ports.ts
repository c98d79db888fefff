/** NAT rules for all ports, as a service mesh or a transparent proxy adds them. */
import { formatEndpoint, isLoopback, isWildcard } from '../../address.ts';
import { type Step, step } from '../../diagnose/advice/step.ts';
import { groupBy } from '../../group.ts';
import { many } from '../../many.ts';
import { type Nat, type Redirect, takenBy } from '../../observe/nat/redirects.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import { culpritsOf, whoHas } from './culprits.ts';
import { ruleSteps } from './steps.ts';

interface Taken {
  readonly listener: Socket;
  readonly redirects: readonly Redirect[];
}

interface Hit {
  readonly listener: Socket;
  readonly redirect: Redirect;
}

/** One finding per rule, no matter how many listeners it affects. */
export function ofAllPorts(taken: readonly Taken[], nat: Nat, facts: Facts): Finding[] {
  const hits = taken.flatMap(({ listener, redirects }): Hit[] =>
    redirects.filter(({ names }) => names === 'no port').map((redirect) => ({ listener, redirect })),
  );
  return [...groupBy(hits, ({ redirect }) => redirect.text).values()].map((same) =>
    findingOf(same, nat, facts),
  );
}

/** Where the rule leads: to a program here, to `no listener` here, or `elsewhere`. */
type End =
  | { readonly kind: 'listener'; readonly listener: Socket }
  | { readonly kind: 'no listener' | 'elsewhere' };

function endOf({ target: { address, port }, hook }: Redirect, nat: Nat, facts: Facts): End {
  if (typeof port !== 'number' || (address !== null && !nat.isOwn(address))) return { kind: 'elsewhere' };
  const listener = facts.now.table.listeners.find(({ local }) => {
    if (local.port !== port) return false;
    if (isWildcard(local.address)) return true;
    // REDIRECT leads programs of this machine to loopback, and others to the address of the interface.
    return address === null ? isLoopback(local.address) === (hook === 'output') : local.address === address;
  });
  return listener === undefined ? { kind: 'no listener' } : { kind: 'listener', listener };
}

const shownListeners = 3;

function findingOf(hits: readonly [Hit, ...Hit[]], nat: Nat, facts: Facts): Finding {
  const redirects = hits.map(({ redirect }) => redirect);
  const listeners = [...new Set(hits.map(({ listener }) => listener))];
  const { to, text, target } = hits[0].redirect;
  const end = endOf(hits[0].redirect, nat, facts);
  const clients = takenBy(redirects, 'clients', 'on');
  const names = listeners.slice(0, shownListeners).map(({ local }) => formatEndpoint(local));
  const more = listeners.length > shownListeners ? ' ...' : '';
  return {
    severity: isHarmful(end, redirects) ? 'wrong' : 'note',
    weight: 66,
    what: `a rule of NAT takes all ports: ${clients} get to ${to}${end.kind === 'no listener' ? ', where nothing listens,' : ''} instead of ${many(listeners.length, 'listener')} (${names.join(', ')}${more})`,
    fault: {
      side: 'a setting',
      processes: end.kind === 'listener' ? culpritsOf([end.listener], facts) : [],
      because: `the rule "${text}" comes before every listener${leadingTo(end, facts)}`,
    },
    since: null,
    trend: null,
    cost: costOf(end, clients),
    steps: [...stepsFor(end, to), ...ruleSteps(redirects.slice(0, 1), facts)],
    count: listeners.length,
    sockets: [],
    figures: { to: typeof target.port === 'number' ? target.port : null },
  };
}

/** Whether a rule may do harm. A rule for an interface or a user may be deliberate, and so may one for connections to many addresses. */
function isHarmful({ kind }: End, redirects: readonly Redirect[]): boolean {
  switch (kind) {
    case 'listener':
      return false;
    case 'no listener':
      return redirects.some(({ clients }) => clients === 'all');
    case 'elsewhere':
      return redirects.some(({ clients, addresses }) => clients === 'all' && addresses === 'all');
  }
}

function leadingTo(end: End, facts: Facts): string {
  switch (end.kind) {
    case 'listener':
      return `: ${whoHas([end.listener], facts)} gets their connections, as a proxy`;
    case 'no listener':
      return ', and nothing listens where it leads';
    case 'elsewhere':
      return '';
  }
}

function costOf({ kind }: End, clients: string): string {
  switch (kind) {
    case 'listener':
      return `${clients} reach these listeners only if it passes them on`;
    case 'no listener':
      return `${clients} get "connection refused" at every port`;
    case 'elsewhere':
      return `${clients} never reach these listeners`;
  }
}

function stepsFor({ kind }: End, to: string): Step[] {
  return kind === 'no listener' ? [step(`if a proxy belongs at ${to}, start it`)] : [];
}
