/** NAT tables as `nft -j list ruleset` prints them, see libnftables-json(5). */
import { isJson, type Json, listOf } from './json.ts';
import { NftRuleReader } from './nft-rule.ts';
import type { Base, Hook, NatRule, NatTable } from './table.ts';

export interface NftTable extends NatTable {
  readonly family: string;
  readonly name: string;
  /** Whether it has iptables extensions, whose contents nft does not print. */
  readonly hasExtensions: boolean;
}

/** Reads the tables. Output that is not JSON contains none. */
export function tablesOfNft(text: string): NftTable[] {
  const entries = entriesIn(text);
  const of = (kind: string) => entries.flatMap((entry) => (isJson(entry[kind]) ? [entry[kind]] : []));
  const [chains, rules, sets] = [of('chain'), of('rule'), [...of('set'), ...of('map')]];
  return of('table').flatMap((table) => {
    const [family, name] = [String(table['family']), String(table['name'])];
    const isHere = (one: Json) => one['family'] === family && one['table'] === name;
    const bases = chains.filter(isHere).flatMap(baseOf);
    const families = familiesOf[family];
    if (bases.length === 0 || families === undefined) return [];
    const elements = new Map(sets.filter(isHere).map((set) => [`@${set['name']}`, listOf(set['elem'])]));
    const own = rules.filter(isHere);
    const found = new Map<string, NatRule[]>();
    for (const rule of own) {
      const chain = String(rule['chain']);
      found.set(chain, [...(found.get(chain) ?? []), ...new NftRuleReader(rule, elements).read()]);
    }
    const hasExtensions = own.some(({ expr }) => listOf(expr).some((part) => isJson(part) && 'xt' in part));
    return [{ family, name, families, bases, chains: found, hasExtensions }];
  });
}

const familiesOf: Readonly<Record<string, NatTable['families']>> = {
  ip: ['IPv4'],
  ip6: ['IPv6'],
  inet: ['IPv4', 'IPv6'],
};

function entriesIn(text: string): Json[] {
  try {
    const document: unknown = JSON.parse(text);
    return isJson(document) ? listOf(document['nftables']).filter(isJson) : [];
  } catch {
    return [];
  }
}

function baseOf({ type, hook, name, prio }: Json): Base[] {
  if (type !== 'nat' || (hook !== 'prerouting' && hook !== 'output')) return [];
  return [{ hook: hook satisfies Hook, chain: String(name), priority: Number(prio) || 0 }];
}
