/** One rule of nftables, in its JSON form. */
import { BlockList, isIP } from 'node:net';
import { harmless } from '../../foreign.ts';
import { blockListOf } from './destinations.ts';
import { isJson, type Json, listOf } from './json.ts';
import { outsideOf, type PortSpan, textOfSpans } from './ports.ts';
import { type Action, type Destination, type NatRule, type Target, textOfTarget } from './table.ts';

/** Values by the port that they apply to; the key `null` stands for all ports. */
type ByPort<Value> = readonly (readonly [ports: readonly PortSpan[] | null, value: Value])[];

/** Reads one rule. A map with a value for each port makes it several rules. */
export class NftRuleReader {
  readonly #rule: Json;
  readonly #elements: ReadonlyMap<string, readonly unknown[]>;
  #ports: readonly PortSpan[] | null = null;
  readonly #destinations: Destination[] = [];
  #asksMore = false;
  #isOfTcp = true;
  #actions: ByPort<Action> = [];

  constructor(rule: Json, elements: ReadonlyMap<string, readonly unknown[]>) {
    this.#rule = rule;
    this.#elements = elements;
  }

  read(): NatRule[] {
    for (const part of listOf(this.#rule['expr'])) if (isJson(part)) this.#readPart(part);
    if (!this.#isOfTcp) return [];
    return this.#actions.map(([ports, action]) => this.#ruleFor(ports ?? this.#ports, action));
  }

  #ruleFor(ports: readonly PortSpan[] | null, action: Action): NatRule {
    const { family, table, chain, handle } = this.#rule;
    const where = [family, table, chain].map(String);
    const port = ports === null ? 'tcp' : `tcp dport ${textOfSpans(ports)}`;
    return {
      ports,
      destinations: this.#destinations,
      asksMore: this.#asksMore,
      action,
      text: harmless(`nft rule in ${where.join(' ')}: ${port} ${textOfAction(action)}`),
      show: ['nft', '-a', 'list', 'chain', ...where],
      remove: ['nft', 'delete', 'rule', ...where, 'handle', String(handle)],
    };
  }

  #readPart(part: Json): void {
    const [[kind, value] = ['', null]] = Object.entries(part);
    switch (kind) {
      case 'match':
        if (isJson(value)) this.#readMatch(value);
        return;
      case 'counter':
      case 'comment':
      case 'log':
        return;
      case 'accept':
      case 'return':
        this.#actions = [[null, { kind }]];
        return;
      case 'jump':
      case 'goto':
      case 'redirect':
      case 'dnat':
      case 'vmap':
        // A rule in a table of both families applies only to the family of its target.
        if (isJson(value) && kind === 'dnat' && value['family'] !== undefined)
          this.#restrictTo(value['family'] === 'ip6' ? 'IPv6' : 'IPv4');
        this.#actions = this.#actionsOf(kind, isJson(value) ? value : {});
        return;
      default:
        this.#asksMore = true;
    }
  }

  #actionsOf(kind: string, value: Json): ByPort<Action> {
    switch (kind) {
      case 'jump':
        return [[null, { kind: 'jump', chain: String(value['target']), how: 'and back' }]];
      case 'goto':
        return [[null, { kind: 'jump', chain: String(value['target']), how: 'away' }]];
      case 'vmap':
        return this.#valuesOf(value).flatMap(([ports, verdict]) => {
          const [[kind, to] = ['', null]] = isJson(verdict) ? Object.entries(verdict) : [];
          if (kind === 'accept' || kind === 'return') return [[ports, { kind }] as const];
          const [action] = /^(?:jump|goto)$/.test(kind) && isJson(to) ? this.#actionsOf(kind, to) : [];
          return action === undefined ? [] : [[ports, action[1]] as const];
        });
      default:
        return this.#targetsOf(kind, value).map(([ports, to]) => [ports, { kind: 'send', to }]);
    }
  }

  #targetsOf(kind: string, { addr, port }: Json): ByPort<Target> {
    for (const [map, isAddress] of [[addr, true] as const, [port, false] as const]) {
      if (!isJson(map) || !isJson(map['map'])) continue;
      return this.#valuesOf(map['map']).map(([ports, value]) => {
        const [first, second] = isJson(value) ? listOf(value['concat']) : [value, undefined];
        return [ports, isAddress ? targetOf(kind, first, second ?? port) : targetOf(kind, addr, first)];
      });
    }
    return [[null, targetOf(kind, addr, port)]];
  }

  /** The values of a map whose key is the port. Another key is one more condition of the rule. */
  #valuesOf({ key, data }: Json): ByPort<unknown> {
    const payload = isJson(key) && isJson(key['payload']) ? key['payload'] : {};
    const pairs = isJson(data) ? listOf(data['set']) : (this.#elements.get(String(data)) ?? []);
    if (payload['field'] !== 'dport') {
      this.#asksMore = true;
      return pairs.map((pair) => [null, listOf(pair)[1]]);
    }
    return pairs.map((pair) => {
      const [from, value] = listOf(pair);
      return [this.#spansIn(from), value];
    });
  }

  #readMatch({ op, left, right }: Json): void {
    const isNot = op === '!=';
    const { payload, meta, fib, ct } = isJson(left) ? left : {};
    if (isJson(payload)) {
      this.#readPayload(payload, right, isNot);
    } else if (isJson(meta) && meta['key'] === 'l4proto') {
      this.#readProtocol(right, isNot);
    } else if (isJson(meta) && meta['key'] === 'nfproto') {
      this.#restrictTo((right === 'ipv6') === isNot ? 'IPv4' : 'IPv6');
    } else if (isJson(fib) && fib['result'] === 'type' && `${fib['flags']}` === 'daddr') {
      // The addresses in question are those of this machine.
      if ((right === 'local') === isNot) this.#isOfTcp = false;
    } else if (!isJson(ct) || ct['key'] !== 'state' || isNot || !JSON.stringify(right).includes('"new"')) {
      // NAT chains see only the first packet of a connection, which is new.
      this.#asksMore = true;
    }
  }

  #readPayload({ protocol, field }: Json, right: unknown, isNot: boolean): void {
    if (field === 'dport') {
      if (protocol !== 'tcp' && protocol !== 'th') this.#isOfTcp = false;
      const spans = this.#spansIn(right);
      this.#ports = isNot ? outsideOf(spans) : spans;
    } else if (field === 'daddr' && (protocol === 'ip' || protocol === 'ip6')) {
      const list = blockListOf(this.#valuesIn(right));
      const family = protocol === 'ip' ? 'IPv4' : 'IPv6';
      this.#destinations.push({ list, family, holds: isNot ? 'outside' : 'inside' });
    } else if (field === 'protocol' || field === 'nexthdr') {
      this.#readProtocol(right, isNot);
    } else {
      if (protocol === 'udp') this.#isOfTcp = false;
      this.#asksMore = true;
    }
  }

  #readProtocol(right: unknown, isNot: boolean): void {
    const isTcp = this.#valuesIn(right).some((value) => value === 'tcp' || value === 6);
    if (isTcp === isNot) this.#isOfTcp = false;
  }

  #restrictTo(family: 'IPv4' | 'IPv6'): void {
    this.#destinations.push({ list: new BlockList(), family, holds: 'outside' });
  }

  #spansIn(value: unknown): PortSpan[] {
    return this.#valuesIn(value).flatMap((one): PortSpan[] => {
      if (typeof one === 'number') return [[one, one]];
      const [low, high] = isJson(one) ? listOf(one['range']) : [];
      return typeof low === 'number' && typeof high === 'number' ? [[low, high]] : [];
    });
  }

  /** A value, the elements of a set, or those of a named set. An element may contain more than its value. */
  #valuesIn(value: unknown): readonly unknown[] {
    if (typeof value === 'string' && value.startsWith('@'))
      return (this.#elements.get(value) ?? []).map(bare);
    return isJson(value) && 'set' in value ? listOf(value['set']).map(bare) : [value];
  }
}

function bare(element: unknown): unknown {
  return isJson(element) && isJson(element['elem']) ? element['elem']['val'] : element;
}

function targetOf(kind: string, address: unknown, port: unknown): Target {
  const to = typeof port === 'number' ? port : port === undefined ? null : 'another';
  if (kind === 'redirect') return { address: null, port: to };
  return { address: typeof address === 'string' && isIP(address) !== 0 ? address : 'another', port: to };
}

function textOfAction(action: Action): string {
  switch (action.kind) {
    case 'send':
      return `goes to ${textOfTarget(action.to)}`;
    case 'jump':
      return `continues in chain ${action.chain}`;
    default:
      return action.kind;
  }
}
