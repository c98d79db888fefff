import { pairOf } from '../address.ts';
import type { Harmless } from '../foreign.ts';
import { directFirst, openObserver } from '../observe/observers.ts';
import { isThisNetwork, type Place } from '../observe/place.ts';
import type { Row } from '../observe/row.ts';
import { readMptcp } from '../observe/sock-diag/mptcp.ts';
import { sockDiag } from '../observe/sock-diag/observer.ts';
import { type BindResults, bindOnce, probe } from './bind-probe.ts';
import { type Elsewhere, findElsewhere } from './elsewhere.ts';
import { freeAtLatest, freeIn } from './free-in.ts';
import { groupHolders, type HolderGroup } from './holders.ts';
import { kindTeller } from './kinds.ts';
import { subflowsAmong } from './mptcp.ts';
import { overlaps } from './overlap.ts';
import { withApp } from './pm2.ts';
import { factsOf, type ProcessFacts, processesOf, userName } from './process-facts.ts';
import { type ProcessTable, readProcessTable } from './process-files.ts';
import { withContainer } from './published.ts';
import { type PortSettings, readSettings } from './settings.ts';
import { socketUnitsOf } from './socket-units.ts';
import { findUdp, type UdpSocket } from './udp.ts';
import { type Unseen, unseenIn } from './unseen.ts';

/** What holds a port, and what that means for a bind. */
export interface Diagnosis {
  readonly port: number;
  /** The address of the bind. */
  readonly host: string;
  /** Whether a bind without any option fails because the port is in use. */
  readonly held: boolean;
  /** `forbidden`: nothing holds it, but the bind fails for another reason, usually a missing privilege. */
  readonly verdict: 'held' | 'free' | 'forbidden';
  readonly holders: readonly Holder[];
  /** Connections of this machine to the same port elsewhere, and to its own port if nothing there answers any more. */
  readonly clients: readonly Holder[];
  readonly udp: readonly UdpSocket[];
  /** All sockets with the port at either end. */
  readonly sockets: readonly Row[];
  readonly bind: BindResults;
  /** The other wildcard addresses to which a bind would succeed, if it fails for `host`. */
  readonly passesOn: readonly string[];
  /** Milliseconds until a bind without SO_REUSEADDR succeeds if nothing else happens: 0 for now, null for never or unknown. */
  readonly freeInMs: number | null;
  /** The same if the other sides close at the last moment, and TIME_WAIT follows; equal if none can close any more. */
  readonly freeAtLatestInMs: number | null;
  readonly settings: PortSettings;
  /** Listeners on the port in other networks of this machine; searched only if nothing holds it here. */
  readonly elsewhere: readonly Elsewhere[];
  /** The label of the observer. */
  readonly way: string;
  /** The uid of the user there; null if it is not known. */
  readonly ownUid: number | null;
  /** What could not be seen. */
  readonly unseen: readonly Unseen[];
}

export interface Holder extends Omit<HolderGroup, 'processes'> {
  readonly processes: readonly ProcessFacts[];
  /** The user of a socket whose process cannot be seen. */
  readonly user: Harmless | null;
}

export interface Question {
  readonly place: Place;
  readonly port: number;
  /** Where the bind is tried (default: on all addresses). */
  readonly host: string | undefined;
  readonly signal: AbortSignal;
}

// The port may change between the reading and the bind, so the two may contradict each other.
const looks = 4;

/**
 * Looks at the port and tries to bind it.
 * @throws UsageError for a host that is not an address of that machine; TcpcloseError without a way to look
 */
export async function diagnose(question: Question): Promise<Diagnosis> {
  for (let look = 1; ; look++) {
    const { diagnosis, state } = await lookOnce(question);
    if (state === 'consistent' || look === looks) return diagnosis;
  }
}

async function lookOnce({ place, port, host: asked, signal }: Question): Promise<{
  diagnosis: Diagnosis;
  state: 'consistent' | 'contradictory';
}> {
  const settings = await readSettings(place, port, signal);
  const { host, bind } = await probe(place, port, asked, signal);
  const observer = await openObserver(directFirst, place, signal);
  const { rows, refused } = await observer.read([port], signal);
  const { sockets, subflows } = subflowsAmong(rows, readMptcp(place, port));
  const way = observer.label;
  const ours = sockets.filter(({ local }) => local.port === port);
  const kindOf = kindTeller(port, sockets, settings);
  const groups = groupHolders(ours, kindOf, (socket) => overlaps(host, socket), subflows);
  const towards = groupHolders(
    clientsOf(port, sockets),
    () => 'client',
    () => false,
    subflows,
  );
  const listening = groups.flatMap(({ kind, processes }) => (kind === 'listener' ? processes : []));
  const [table, udp, socketUnits] = await Promise.all([
    readProcessTable(place, [...processesOf([...groups, ...towards]).keys()], signal),
    findUdp(place, port, signal),
    socketUnitsOf(place, port, listening, signal),
  ]);
  const holders = await Promise.all(
    knownFromBind(bind, groups).map((group) => withContainers(withFacts(group, table, socketUnits), place)),
  );
  const meeting = holders.filter(({ meets }) => meets);
  const contradicted = way !== sockDiag.label && isBelied(bind, meeting);
  const held = contradicted || isHeld(bind, meeting);
  const elsewhere = meeting.length === 0 ? await findElsewhere(place, port) : [];
  const agreeing = !isKnown(bind) || isHeld(bind, meeting) === meeting.length > 0;
  const diagnosis: Diagnosis = {
    port,
    host,
    held,
    verdict: held ? 'held' : isForbidden(bind) ? 'forbidden' : 'free',
    holders,
    clients: towards.map((group) => withFacts(group, table)),
    udp,
    sockets,
    bind,
    passesOn: held && asked === undefined && isThisNetwork(place) ? passingOn(host, port) : [],
    freeInMs: held ? freeIn(meeting) : isForbidden(bind) ? null : 0,
    freeAtLatestInMs: held ? freeAtLatest(meeting) : isForbidden(bind) ? null : 0,
    settings,
    elsewhere,
    way,
    ownUid: table.ownUid,
    unseen: [...unseenIn(holders, { way, refused }, bind), ...(contradicted ? [otherPlace] : [])],
  };
  return { diagnosis, state: agreeing ? 'consistent' : 'contradictory' };
}

/** Sockets towards the port, except those whose other end is listed as well; those that a client has not closed always appear. */
function clientsOf(port: number, sockets: readonly Row[]): Row[] {
  const ours = sockets.filter(({ local }) => local.port === port);
  const theirs = new Set(ours.map(({ local, remote }) => pairOf(remote, local)));
  return sockets.filter(
    ({ local, remote, state, inode }) =>
      local.port !== port &&
      remote.port === port &&
      (!theirs.has(pairOf(local, remote)) || (state === 'CLOSE_WAIT' && inode !== 0)),
  );
}

function isKnown({ withoutReuseAddress }: BindResults): boolean {
  return withoutReuseAddress === 'ok' || withoutReuseAddress === 'EADDRINUSE';
}

function isForbidden({ withoutReuseAddress }: BindResults): boolean {
  return withoutReuseAddress !== 'ok' && withoutReuseAddress !== null;
}

// The bind decides. If it is forbidden or impossible to try, the sockets decide.
function isHeld(bind: BindResults, meeting: readonly unknown[]): boolean {
  return isKnown(bind) ? bind.withoutReuseAddress === 'EADDRINUSE' : meeting.length > 0;
}

/** Whether a bind seems to succeed over a listener, which is impossible: then the launcher's commands reach different places. */
function isBelied({ withoutReuseAddress }: BindResults, meeting: readonly Holder[]): boolean {
  return withoutReuseAddress === 'ok' && meeting.some(({ kind }) => kind === 'listener');
}

const otherPlace: Unseen = {
  what: 'why a bind succeeds though a listener has the port',
  how: 'use a launcher that always leads to the same machine and network',
  asRoot: 'no',
};

function passingOn(host: string, port: number): string[] {
  if (host !== '::') return [];
  return ['0.0.0.0', '127.0.0.1', '::1'].filter((address) => bindOnce(address, port, 'off') === 'ok');
}

/** The options of a socket without a process cannot be read, but the result of a bind with SO_REUSEADDR shows them. */
function knownFromBind({ withReuseAddress }: BindResults, groups: readonly HolderGroup[]): HolderGroup[] {
  const blocking = groups.filter(({ meets }) => meets);
  return groups.map((group) => {
    if (!group.meets || group.owner !== 'none') return group;
    // It succeeds over all conflicting sockets only if all of them have the option.
    if (withReuseAddress === 'ok') return { ...group, reuseAddress: true, optionsUnknown: null };
    if (withReuseAddress !== 'EADDRINUSE' || blocking.length > 1 || group.count > 1) return group;
    return { ...group, reuseAddress: false, optionsUnknown: null };
  });
}

async function withContainers(holder: Holder, place: Place): Promise<Holder> {
  const processes = holder.processes.map((process) => withContainer(withApp(process, place), place));
  return { ...holder, processes: await Promise.all(processes) };
}

type SocketUnits = Awaited<ReturnType<typeof socketUnitsOf>>;

function withFacts(group: HolderGroup, table: ProcessTable, units: SocketUnits = new Map()): Holder {
  return {
    ...group,
    processes: group.processes.map(({ pid, name }) => {
      const facts = factsOf(pid, name, table);
      return { ...facts, origins: [...(units.get(pid) ?? []), ...facts.origins] };
    }),
    user: group.uid === null ? null : userName(group.uid, table.passwd),
  };
}
