/** Rules of NAT that send TCP segments for a port elsewhere, as nft(8) and iptables-save(8) print them. */
import { type Harmless, harmless } from '../../foreign.ts';

/** Something that takes the connections to a port before any listener on it gets them. */
export interface Redirect {
  /** Where they go: `:8081`, or `10.0.0.1:80`. */
  readonly to: Harmless;
  readonly by: 'rule' | 'tracked connection';
  /** The rule, or the line of the connection. */
  readonly text: Harmless;
  /** The words of the command that deletes the rule; null for a tracked connection. */
  readonly remove: readonly string[] | null;
}

interface NftRule {
  readonly family?: string;
  readonly table?: string;
  readonly chain?: string;
  readonly handle?: number;
  readonly expr?: readonly Record<string, unknown>[];
}

/** From `nft -j list ruleset`. What is not its JSON has no rules. */
export function redirectsOfNft(text: string, port: number): Redirect[] {
  const rules = entriesOfNft(text).flatMap(({ rule }) => (isObject(rule) ? [rule as NftRule] : []));
  return rules.flatMap(({ family = '', table = '', chain = '', handle = 0, expr = [] }) => {
    if (!Array.isArray(expr) || !expr.some((part) => matchesPort(part, port))) return [];
    const to = expr.map(targetOfNft).find((target) => target !== undefined);
    if (to === undefined) return [];
    const where = `${family} ${table} ${chain}`;
    return [
      {
        to: harmless(to),
        by: 'rule',
        text: harmless(`nft rule in ${where}: tcp dport ${port} goes to ${to}`),
        remove: ['nft', 'delete', 'rule', ...where.split(' '), 'handle', String(handle)],
      } as const,
    ];
  });
}

function entriesOfNft(text: string): Record<string, unknown>[] {
  try {
    const document: unknown = JSON.parse(text);
    const entries = isObject(document) ? document['nftables'] : undefined;
    return Array.isArray(entries) ? entries.filter(isObject) : [];
  } catch {
    return [];
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function matchesPort(part: unknown, port: number): boolean {
  const match = isObject(part) ? part['match'] : undefined;
  if (!isObject(match) || match['op'] === '!=') return false;
  const payload = isObject(match['left']) ? match['left']['payload'] : undefined;
  if (!isObject(payload) || payload['field'] !== 'dport' || payload['protocol'] === 'udp') return false;
  return covers(match['right'], port);
}

/** A number, a range, or a set of both. */
function covers(right: unknown, port: number): boolean {
  if (typeof right === 'number') return right === port;
  if (!isObject(right)) return false;
  const { range, set } = right;
  if (Array.isArray(range)) return port >= Number(range[0]) && port <= Number(range[1]);
  return Array.isArray(set) && set.some((element) => covers(element, port));
}

function targetOfNft(part: unknown): string | undefined {
  if (!isObject(part)) return undefined;
  const { redirect, dnat } = part;
  if (isObject(redirect)) return `:${numberOf(redirect['port'])}`;
  if (!isObject(dnat)) return undefined;
  const address = typeof dnat['addr'] === 'string' ? dnat['addr'] : 'another address';
  return dnat['port'] === undefined ? address : `${address}:${numberOf(dnat['port'])}`;
}

function numberOf(port: unknown): string {
  return typeof port === 'number' ? String(port) : 'a port of a list';
}

// -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
const iptablesTarget = /-j (?:REDIRECT --to-ports|DNAT --to-destination) (\S+)/;

/** From `iptables-save -t nat`. */
export function redirectsOfIptables(text: string, port: number, program: string): Redirect[] {
  return text.split('\n').flatMap((line) => {
    const [, chain, rule = ''] = /^-A (\S+) (.*)$/.exec(line) ?? [];
    const to = iptablesTarget.exec(rule)?.[1];
    if (chain === undefined || to === undefined || !/-p tcp\b/.test(rule)) return [];
    const ports = /(?<!! )--dports? (\S+)/.exec(rule)?.[1] ?? '';
    if (!ports.split(',').some((part) => coversText(part, port))) return [];
    const target = line.includes('-j REDIRECT') ? `:${to}` : to;
    const remove = [program, '-t', 'nat', '-D', chain, ...rule.split(' ')];
    const quoted = /["'\\]/.test(rule);
    return [
      { to: harmless(target), by: 'rule', text: harmless(line), remove: quoted ? null : remove } as const,
    ];
  });
}

// `8080`, or `8000:8100`.
function coversText(part: string, port: number): boolean {
  const [low = Number.NaN, high = low] = part.split(':').map(Number);
  return port >= low && port <= high;
}

// ipv4 2 tcp 6 431999 ESTABLISHED src=a dst=b sport=1 dport=9999 src=b dst=a sport=8081 dport=1 [ASSURED] ...
const tracked =
  /^ipv[46]\s+\d+\s+tcp\s.*?\bdst=(\S+) sport=\d+ dport=(\d+)\s(?:\[\w+\] )?src=(\S+) dst=\S+ sport=(\d+) /;

/** From /proc/net/nf_conntrack: a connection whose answers come from elsewhere than it was sent to. */
export function redirectsOfConntrack(text: string, port: number): Redirect[] {
  const found = new Map<string, Redirect>();
  for (const line of text.split('\n')) {
    const [, to, toPort, from, fromPort] = tracked.exec(line) ?? [];
    if (Number(toPort) !== port || (to === from && toPort === fromPort)) continue;
    const target = to === from ? `:${fromPort}` : `${from}:${fromPort}`;
    found.set(target, {
      to: harmless(target),
      by: 'tracked connection',
      text: harmless(line.trim().replaceAll(/\s+/g, ' ')),
      remove: null,
    });
  }
  return [...found.values()];
}
