import { isLoopback } from '../../address.ts';
import { type Harmless, harmless } from '../../foreign.ts';
import { groupBy } from '../../group.ts';
import type { Place } from '../place.ts';
import type { Row } from '../row.ts';
import { movedIn, type Tracked } from './conntrack.ts';
import { ownAddresses } from './own-addresses.ts';
import { type NatSight, readNatTables } from './read.ts';
import { type Hook, type Met, type NatTable, rulesMetAt, type Target, textOfTarget } from './table.ts';

/** Something that takes connections to a port before a listener there gets them. */
export interface Redirect extends Pick<Met, 'clients' | 'names'>, Pick<Met['rule'], 'show' | 'remove'> {
  /** Where they go: `:8081`, or `10.0.0.1:80`. */
  readonly to: Harmless;
  readonly target: Target;
  /** Whose connections it takes; null if unknown. */
  readonly hook: Hook | null;
  /** Whether it takes the connections to each of the given addresses whose family the rule covers. */
  readonly addresses: 'all' | 'some';
  readonly by: 'rule' | 'tracked connection';
  /** The rule, or the line of the tracked connection. */
  readonly text: Harmless;
}

/** `connections`, `connections of this machine`, `some clients on other machines`: those that all of these redirects take. */
export function takenBy(
  redirects: readonly Redirect[],
  what: 'connections' | 'clients',
  where: 'of' | 'on',
): string {
  const found = new Set(redirects.map(({ hook }) => hook));
  const some = redirects.every(({ clients }) => clients === 'some') ? 'some ' : '';
  if (found.size > 1 || found.has(null)) return `${some}${what}`;
  return `${some}${what} ${where} ${found.has('output') ? 'this machine' : 'other machines'}`;
}

const hooks: readonly Hook[] = ['output', 'prerouting'];

/**
 * What NAT does with the ports of a network: according to its rules and, if no tool can list them all, to the connections that the kernel
 * tracks.
 */
export class Nat {
  readonly seen: NatSight;
  readonly #tables: readonly NatTable[];
  readonly #connections: string;
  readonly #own: readonly string[];

  constructor(tables: readonly NatTable[], seen: NatSight, connections: string, own: readonly string[]) {
    this.seen = seen;
    this.#tables = tables;
    this.#connections = connections;
    this.#own = own;
  }

  /** What takes the port on these addresses of the machine; without addresses, on all of them. */
  redirectsOf(port: number, addresses: readonly string[] = this.#own): Redirect[] {
    const rules = hooks.flatMap((hook) => {
      // Only this machine can reach loopback.
      const reached = addresses.filter((address) => hook === 'output' || !isLoopback(address));
      const met = reached.flatMap((address) =>
        rulesMetAt(this.#tables, hook, address, port).map((one) => ({ ...one, address })),
      );
      return [...groupBy(met, ({ rule }) => rule.text).values()].flatMap((same) =>
        same.slice(-1).map((one) => byRule(one, shareOf(reached, same))),
      );
    });
    const moved = movedIn(this.#connections, port, addresses).map(byConnection);
    return [...rules, ...moved.filter(({ to }) => !rules.some((rule) => rule.to === to))];
  }

  /** The addresses at which a listener can be reached. */
  addressesOf({ local: { address }, ipv6Only }: Pick<Row, 'local' | 'ipv6Only'>): readonly string[] {
    if (address === '::') return ipv6Only ? this.#own.filter((own) => own.includes(':')) : this.#own;
    return address === '0.0.0.0' ? this.#own.filter((own) => !own.includes(':')) : [address];
  }

  isOwn(address: string): boolean {
    return isLoopback(address) || this.#own.includes(address);
  }
}

function shareOf(
  reached: readonly string[],
  met: readonly { readonly address: string }[],
): Redirect['addresses'] {
  const isSix = (address: string) => address.includes(':');
  const addresses = new Set(met.map(({ address }) => address));
  const families = new Set([...addresses].map(isSix));
  return reached.every((address) => addresses.has(address) || !families.has(isSix(address))) ? 'all' : 'some';
}

function byRule({ hook, rule, to, clients, names }: Met, addresses: Redirect['addresses']): Redirect {
  const { text, show, remove } = rule;
  return {
    ...{ to: harmless(textOfTarget(to)), target: to, hook, clients, names, by: 'rule' },
    ...{ addresses, text, show, remove },
  };
}

function byConnection({ to, text }: Tracked): Redirect {
  return {
    ...{ to: harmless(textOfTarget(to)), target: to, hook: null, clients: 'some', names: 'the port' },
    ...{
      addresses: 'some',
      by: 'tracked connection',
      text,
      show: ['nft', '-a', 'list', 'ruleset'],
      remove: null,
    },
  };
}

/**
 * Reads what NAT does: its rules, and the connections that the kernel tracks (conntrack), which show a redirect even if no tool can list
 * its rule. `tracked` says when to read these, because there may be very many.
 */
export async function readNat(
  place: Place,
  tracked: 'always' | 'if rules are hidden',
  signal?: AbortSignal,
): Promise<Nat> {
  const { tables, seen } = await readNatTables(place, signal);
  const connections =
    seen === 'none' || (tracked === 'if rules are hidden' && seen === 'all')
      ? null
      : await place.read('/proc/net/nf_conntrack', signal);
  const own = tables.length === 0 && connections === null ? [] : await ownAddresses(place, signal);
  return new Nat(tables, seen, connections ?? '', own);
}
