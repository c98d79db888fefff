import { type Harmless, harmless } from '../../foreign.ts';
import type { Place } from '../../observe/place.ts';

/** A rule that sends connections to a port somewhere else. */
export interface Redirect {
  readonly hook: 'prerouting' | 'output';
  /** From and to, both included. */
  readonly ports: readonly (readonly [low: number, high: number])[];
  /** The port that they get to; null for one that the rule does not name. */
  readonly to: number | null;
  readonly rule: Harmless;
  /** The command that lists the rule. */
  readonly show: readonly string[];
}

export interface NatRules {
  readonly redirects: readonly Redirect[];
  /** `forbidden`: the user may not read them. `no tool`: neither nft nor iptables-save is there. */
  readonly state: 'read' | 'forbidden' | 'no tool';
}

const readers = [
  { command: ['nft', '-j', 'list', 'ruleset'], parse: redirectsInNft },
  { command: ['iptables-save', '-t', 'nat'], parse: redirectsInIptables },
] as const;

/** The rules of nftables, and those of iptables, which nft may not show in full. */
export async function readNatRules(place: Place, signal: AbortSignal): Promise<NatRules> {
  const outputs = await Promise.all(
    readers.map(async ({ command, parse }) => ({ parse, ...(await place.run(command, signal)) })),
  );
  const there = outputs.filter(({ exitCode }) => ![-1, 126, 127].includes(exitCode));
  const read = there.filter(({ exitCode }) => exitCode === 0);
  return {
    redirects: read.flatMap(({ parse, stdout }) => parse(stdout)),
    state: there.length === 0 ? 'no tool' : read.length === 0 ? 'forbidden' : 'read',
  };
}

interface NftChain {
  readonly family?: string;
  readonly table?: string;
  readonly name?: string;
  readonly type?: string;
  readonly hook?: string;
}

interface NftExpression {
  readonly match?: unknown;
  readonly redirect?: unknown;
  readonly dnat?: unknown;
}

interface NftRule {
  readonly family?: string;
  readonly table?: string;
  readonly chain?: string;
  readonly handle?: number;
  readonly expr?: readonly NftExpression[];
}

export function redirectsInNft(text: string): Redirect[] {
  const objects = listIn(text);
  const hooks = new Map<string, Redirect['hook']>();
  for (const { chain } of objects as { chain?: NftChain }[]) {
    if (chain?.type === 'nat' && (chain.hook === 'prerouting' || chain.hook === 'output'))
      hooks.set(`${chain.family} ${chain.table} ${chain.name}`, chain.hook);
  }
  return objects.flatMap(({ rule }: { rule?: NftRule }) => {
    const hook = hooks.get(`${rule?.family} ${rule?.table} ${rule?.chain}`);
    return rule === undefined || hook === undefined ? [] : redirectOf(rule, hook);
  });
}

function listIn(text: string): readonly object[] {
  try {
    const { nftables } = JSON.parse(text) as { nftables?: unknown };
    return Array.isArray(nftables) ? nftables : [];
  } catch {
    return [];
  }
}

function redirectOf(
  { family, table, chain, handle, expr = [] }: NftRule,
  hook: Redirect['hook'],
): Redirect[] {
  const ports = expr.flatMap(portsMatched);
  const target = expr.map(({ redirect, dnat }) => redirect ?? dnat).find((one) => one !== undefined) as
    | { readonly port?: unknown }
    | undefined;
  const redirects = expr.some((one) => 'redirect' in one || 'dnat' in one);
  if (ports.length === 0 || !redirects) return [];
  const to = typeof target?.port === 'number' ? target.port : null;
  const verb = expr.some((one) => 'redirect' in one) ? 'redirect' : 'dnat';
  const range = ports.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join(', ');
  const rule = harmless(
    `tcp dport ${range} ${verb}${to === null ? '' : ` to :${to}`} in chain ${table} ${chain}, handle ${handle}`,
  );
  return [
    {
      hook,
      ports,
      to,
      rule,
      show: ['nft', '-a', 'list', 'chain', String(family), String(table), String(chain)],
    },
  ];
}

function portsMatched({ match }: NftExpression): [number, number][] {
  const { op, left, right } = (match ?? {}) as {
    op?: string;
    left?: { payload?: { protocol?: string; field?: string } };
    right?: unknown;
  };
  const { protocol, field } = left?.payload ?? {};
  if (op !== '==' || field !== 'dport' || (protocol !== 'tcp' && protocol !== 'th')) return [];
  return rangesIn(right);
}

function rangesIn(value: unknown): [number, number][] {
  if (typeof value === 'number') return [[value, value]];
  const { range, set } = (value ?? {}) as { range?: unknown; set?: unknown };
  if (Array.isArray(range) && typeof range[0] === 'number' && typeof range[1] === 'number')
    return [[range[0], range[1]]];
  return Array.isArray(set) ? set.flatMap(rangesIn) : [];
}

/** Lines such as `-A PREROUTING -p tcp -m tcp --dport 9999 -j REDIRECT --to-ports 8081`. */
export function redirectsInIptables(text: string): Redirect[] {
  return text.split('\n').flatMap((line): Redirect[] => {
    const match =
      /^-A (PREROUTING|OUTPUT) .*-p tcp .*--dport (\d+)(?::(\d+))? .*-j (REDIRECT|DNAT)(.*)$/.exec(line);
    if (match === null) return [];
    const [, chain = '', low = '', high = low, , rest = ''] = match;
    const to = /(?:--to-ports |:)(\d+)\s*$/.exec(rest)?.[1];
    return [
      {
        hook: chain === 'OUTPUT' ? 'output' : 'prerouting',
        ports: [[Number(low), Number(high)]],
        to: to === undefined ? null : Number(to),
        rule: harmless(line),
        show: ['iptables', '-t', 'nat', '-nvL', chain, '--line-numbers'],
      },
    ];
  });
}
