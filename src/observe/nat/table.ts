/** The NAT tables of nftables and of both kinds of iptables, and what they do with a connection. */
import type { BlockList } from 'node:net';
import type { Harmless } from '../../foreign.ts';
import { isCovered, type PortSpan } from './ports.ts';

/** `output`: connections from programs of this machine; `prerouting`: connections from elsewhere. */
export type Hook = 'prerouting' | 'output';
type Family = 'IPv4' | 'IPv6';

export interface NatTable {
  readonly families: readonly Family[];
  readonly bases: readonly Base[];
  readonly chains: ReadonlyMap<string, readonly NatRule[]>;
}

/** The entry of a chain. */
export interface Base {
  readonly hook: Hook;
  readonly chain: string;
  readonly priority: number;
}

/** A rule that may apply to TCP. */
export interface NatRule {
  /** The first and last port of each span, both included; null for all ports. */
  readonly ports: readonly PortSpan[] | null;
  /** All of them must match. */
  readonly destinations: readonly Destination[];
  /** Whether it has more conditions, such as an interface or a user, and so does not apply to all connections. */
  readonly asksMore: boolean;
  readonly action: Action;
  readonly text: Harmless;
  /** The words of the command that shows it. */
  readonly show: readonly string[];
  /** The words of the command that deletes it; null if it is unknown, or cannot be written reliably. */
  readonly remove: readonly string[] | null;
}

export interface Destination {
  readonly list: BlockList;
  readonly family: Family | null;
  readonly holds: 'inside' | 'outside';
}

export type Action =
  | { readonly kind: 'send'; readonly to: Target }
  /** `away`: no later rule of the same chain applies. */
  | { readonly kind: 'jump'; readonly chain: string; readonly how: 'and back' | 'away' }
  | { readonly kind: 'accept' | 'return' | 'none' };

export interface Target {
  /** null for this machine; `another`: one of several. */
  readonly address: string | null;
  /** null for the same port; `another`: one of several. */
  readonly port: number | 'another' | null;
}

/** A rule that applies to a connection, and where it sends it. */
export interface Met {
  readonly hook: Hook;
  readonly rule: NatRule;
  readonly to: Target;
  /** `some`: the rule has more conditions than the port, such as an interface. */
  readonly clients: 'all' | 'some';
  /** Whether the rule, or one that leads to it, names the port; those for all ports belong to a transparent proxy. */
  readonly names: 'the port' | 'no port';
}

/** What the rules do with connections to an address and port of this machine. */
export function rulesMetAt(tables: readonly NatTable[], hook: Hook, address: string, port: number): Met[] {
  const family = address.includes(':') ? 'IPv6' : 'IPv4';
  const begins = tables
    .filter(({ families }) => families.includes(family))
    .flatMap((table) => table.bases.filter((base) => base.hook === hook).map((base) => ({ table, base })))
    .sort((a, b) => a.base.priority - b.base.priority);
  const walk = new Walk(hook, address, port);
  // NAT is decided once: what the first chain has redirected passes the others unchanged.
  for (const { table, base } of begins) if (walk.through(table, base.chain, outset) === 'sent') break;
  return walk.met;
}

interface State {
  readonly clients: Met['clients'];
  readonly names: Met['names'];
  readonly depth: number;
}

const outset: State = { clients: 'all', names: 'no port', depth: 0 };
/** NFT_JUMP_STACK_SIZE of the kernel. */
const deepest = 16;

/** `sent` or `accepted` for certain; `back`: the rules after the jump apply. */
type End = 'sent' | 'accepted' | 'back';

class Walk {
  readonly met: Met[] = [];
  readonly #hook: Hook;
  readonly #address: string;
  readonly #port: number;

  constructor(hook: Hook, address: string, port: number) {
    this.#hook = hook;
    this.#address = address;
    this.#port = port;
  }

  through(table: NatTable, chain: string, state: State): End {
    for (const rule of table.chains.get(chain) ?? []) {
      if (!this.#matches(rule)) continue;
      const now: State = {
        clients: rule.asksMore ? 'some' : state.clients,
        names: rule.ports === null ? state.names : 'the port',
        depth: state.depth + 1,
      };
      const end = this.#act(table, rule, now);
      // A rule that may not apply does not end the chain.
      if (end !== 'next' && !rule.asksMore) return end;
    }
    return 'back';
  }

  #matches({ ports, destinations }: NatRule): boolean {
    if (ports !== null && !isCovered(this.#port, ports)) return false;
    const family = this.#address.includes(':') ? 'IPv6' : 'IPv4';
    return destinations.every((one) => {
      if (one.family !== null && one.family !== family) return false;
      const isInside = one.list.check(this.#address, family === 'IPv6' ? 'ipv6' : 'ipv4');
      return isInside === (one.holds === 'inside');
    });
  }

  #act(table: NatTable, rule: NatRule, state: State): End | 'next' {
    const { action } = rule;
    switch (action.kind) {
      case 'send': {
        if (this.#isItself(action.to)) return 'accepted';
        const { clients, names } = state;
        this.met.push({ hook: this.#hook, rule, to: action.to, clients, names });
        return 'sent';
      }
      case 'jump': {
        if (state.depth >= deepest) return 'next';
        const end = this.through(table, action.chain, state);
        return end === 'back' && action.how === 'and back' ? 'next' : end;
      }
      case 'accept':
        return 'accepted';
      case 'return':
        return 'back';
      case 'none':
        return 'next';
    }
  }

  #isItself({ address, port }: Target): boolean {
    return (address === null || address === this.#address) && (port === null || port === this.#port);
  }
}

/** `:8081`, `10.0.0.1:80`, `[::1]:80`, `10.0.0.1`. */
export function textOfTarget({ address, port }: Target): string {
  if (address === null && port === 'another') return 'a port of a list';
  const of = port === 'another' ? 'a port of a list' : port;
  if (address === null) return of === null ? 'the same port of this machine' : `:${of}`;
  const host = address === 'another' ? 'another address' : address.includes(':') ? `[${address}]` : address;
  return of === null ? (address.includes(':') ? address : host) : `${host}:${of}`;
}
