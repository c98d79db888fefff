import type { Place } from '../place.ts';
import { readSysctl } from '../sysctl.ts';
import { tableOfIptables } from './iptables.ts';
import { type NftTable, tablesOfNft } from './nft.ts';
import type { NatTable } from './table.ts';

/**
 * How many of the rules could be read. `none`: this network has no NAT; `some`: a tool that would list the others is missing; `no tool`: no
 * such tool is installed; `forbidden`: only root may read them.
 */
export type NatSight = 'all' | 'none' | 'some' | 'no tool' | 'forbidden';

/** The rules of nftables, and those of both backends of iptables, for IPv4 and IPv6. */
export async function readNatTables(
  place: Place,
  signal?: AbortSignal,
): Promise<{ readonly tables: readonly NatTable[]; readonly seen: NatSight }> {
  // NAT needs conntrack: if that is not loaded, there is no NAT.
  if ((await readSysctl(place, 'net.netfilter.nf_conntrack_count', signal)) === null)
    return { tables: [], seen: 'none' };
  const run = (...command: readonly string[]) => outputOf(place, command, signal);
  const [nft, ...legacy] = await Promise.all([
    run('nft', '-j', 'list', 'ruleset'),
    ...families.map((family) => legacyTable(place, family, run, signal)),
  ]);
  const native = nft.state === 'printed' ? tablesOfNft(nft.text) : [];
  const ofIptables = await Promise.all(families.map((family) => tableByNft(native, nft, family, run)));
  const readings = [...legacy, ...ofIptables];
  const tables = [
    ...native.filter((table) => !families.some((family) => isOfIptables(table, family))),
    ...readings.flatMap(({ table }) => table ?? []),
  ];
  return { tables, seen: seenIn([nft.state, ...readings.map(({ state }) => state)]) };
}

/** `absent`: there is nothing to print. */
type State = 'printed' | 'forbidden' | 'no tool' | 'absent';
type Run = (...command: readonly string[]) => Promise<{ readonly state: State; readonly text: string }>;

interface Reading {
  readonly state: State;
  readonly table: NatTable | null;
}

const families = [
  { name: 'ip', program: 'iptables' },
  { name: 'ip6', program: 'ip6tables' },
] as const;
type Family = (typeof families)[number];

const nothing: Reading = { state: 'absent', table: null };

/** The rules of iptables' old backend. Listing them without need would create their tables (iptable_nat_table_init() of Linux). */
async function legacyTable(
  place: Place,
  { name, program }: Family,
  run: Run,
  signal?: AbortSignal,
): Promise<Reading> {
  const names = await place.read(`/proc/net/${name}_tables_names`, signal);
  if (names === null || !/^nat$/m.test(names)) return nothing;
  const own = await save(`${program}-legacy`, run);
  return own.state === 'no tool' ? save(program, run) : own;
}

/** The rules that iptables created with nftables: nft prints its extensions without their contents, iptables-save prints them in full. */
async function tableByNft(
  native: readonly NftTable[],
  nft: { readonly state: State },
  family: Family,
  run: Run,
): Promise<Reading> {
  const isNeeded = nft.state === 'no tool' || native.some((table) => isOfIptables(table, family));
  if (!isNeeded) return nothing;
  const own = await save(`${family.program}-nft`, run);
  return own.state === 'no tool' && nft.state === 'printed' ? save(family.program, run) : own;
}

function isOfIptables({ family, name, hasExtensions }: NftTable, { name: wanted }: Family): boolean {
  return hasExtensions && family === wanted && name === 'nat';
}

async function save(program: string, run: Run): Promise<Reading> {
  const { state, text } = await run(`${program}-save`, '-t', 'nat');
  return { state, table: state === 'printed' ? tableOfIptables(text, program) : null };
}

/** The output of a program; empty if the program cannot be started, refuses, or prints too much. */
async function outputOf(
  place: Place,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<{ state: State; text: string }> {
  try {
    const { stdout, exitCode } = await place.run(command, signal);
    if (exitCode === 0) return { state: 'printed', text: stdout };
    return { state: [-1, 126, 127].includes(exitCode) ? 'no tool' : 'forbidden', text: '' };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error) return { state: 'no tool', text: '' };
    throw error;
  }
}

function seenIn(states: readonly State[]): NatSight {
  if (states.includes('forbidden')) return 'forbidden';
  if (!states.includes('no tool')) return 'all';
  return states.includes('printed') ? 'some' : 'no tool';
}
