import type { Harmless } from '../foreign.ts';
import { directFirst, openObserver } from '../observe/observers.ts';
import { isThisNetwork, type Place } from '../observe/place.ts';
import type { Row } from '../observe/row.ts';
import { sockDiag } from '../observe/sock-diag/observer.ts';
import { type BindResults, bindOnce, probe } from './bind-probe.ts';
import { type Elsewhere, findElsewhere } from './elsewhere.ts';
import { groupHolders, type HolderGroup } from './holders.ts';
import { kindTeller } from './kinds.ts';
import { overlaps } from './overlap.ts';
import { factsOf, type ProcessFacts, userName } from './process-facts.ts';
import { type ProcessTable, readProcessTable } from './process-files.ts';
import { type PortSettings, readSettings } from './settings.ts';
import { findUdp, type UdpSocket } from './udp.ts';
import { type Unseen, unseenIn } from './unseen.ts';

/** What holds a port, and what that means for a bind. */
export interface Diagnosis {
  readonly port: number;
  /** The address that was bound to. */
  readonly host: string;
  /** Whether a bind without any option fails since the port is in use. */
  readonly held: boolean;
  /** `forbidden`: nothing holds it, but the bind fails for another reason, mostly for want of privilege. */
  readonly verdict: 'held' | 'free' | 'forbidden';
  readonly holders: readonly Holder[];
  /** Connections of this machine to the same port of others; and to its own, where nothing on it answers any more. */
  readonly clients: readonly Holder[];
  readonly udp: readonly UdpSocket[];
  readonly bind: BindResults;
  /** Of the other wildcards, those to which a bind would pass though it does not to `host`. */
  readonly passesOn: readonly string[];
  /** Until a bind without SO_REUSEADDR passes if nobody does anything: 0 now, null for never or not known. */
  readonly freeInMs: number | null;
  readonly settings: PortSettings;
  /** Who listens on the port in another network of this machine; looked for only where nobody holds it here. */
  readonly elsewhere: readonly Elsewhere[];
  /** The observer that told, by its label. */
  readonly way: string;
  /** The user who looks, there; null if it cannot be told. */
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
  /** Where the bind is tried; without it, on all addresses there are. */
  readonly host: string | undefined;
  readonly signal: AbortSignal;
}

// The port may change between the look and the bind, which then contradict each other.
const looks = 4;

/**
 * Looks at the port and tries to bind it.
 * @throws UsageError for a host that is no address there; TcpcloseError where there is no way to look
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
  const { rows: sockets, refused } = await observer.read([port], signal);
  const way = observer.label;
  const ours = sockets.filter(({ local }) => local.port === port);
  const groups = groupHolders(ours, kindTeller(port, sockets, settings), (socket) => overlaps(host, socket));
  const towards = groupHolders(
    clientsOf(port, sockets),
    () => 'client',
    () => false,
  );
  const [table, udp] = await Promise.all([
    readProcessTable(place, pidsOf([...groups, ...towards]), signal),
    findUdp(place, port, signal),
  ]);
  const holders = knownFromBind(bind, groups).map((group) => withFacts(group, table));
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
    bind,
    passesOn: held && asked === undefined && isThisNetwork(place) ? passingOn(host, port) : [],
    freeInMs: held ? freeIn(meeting) : isForbidden(bind) ? null : 0,
    settings,
    elsewhere,
    way,
    ownUid: table.ownUid,
    unseen: [...unseenIn(holders, { way, refused }, bind), ...(contradicted ? [otherPlace] : [])],
  };
  return { diagnosis, state: agreeing ? 'consistent' : 'contradictory' };
}

/** Sockets towards the port, but for those whose other end is told as well. */
function clientsOf(port: number, sockets: readonly Row[]): Row[] {
  const ends = ({ address, port }: Row['local']) => `${address} ${port}`;
  const ours = new Set(
    sockets
      .filter(({ local }) => local.port === port)
      .map(({ local, remote }) => `${ends(remote)} ${ends(local)}`),
  );
  return sockets.filter(
    ({ local, remote }) =>
      local.port !== port && remote.port === port && !ours.has(`${ends(local)} ${ends(remote)}`),
  );
}

function isKnown({ withoutReuseAddress }: BindResults): boolean {
  return withoutReuseAddress === 'ok' || withoutReuseAddress === 'EADDRINUSE';
}

function isForbidden({ withoutReuseAddress }: BindResults): boolean {
  return withoutReuseAddress !== 'ok' && withoutReuseAddress !== null;
}

// The kernel's word counts; where a bind is not allowed or cannot be tried, what is seen does.
function isHeld(bind: BindResults, meeting: readonly unknown[]): boolean {
  return isKnown(bind) ? bind.withoutReuseAddress === 'EADDRINUSE' : meeting.length > 0;
}

/** No bind passes over a listener: of a launcher whose commands do not all come to one place it is said. */
function isBelied({ withoutReuseAddress }: BindResults, meeting: readonly Holder[]): boolean {
  return withoutReuseAddress === 'ok' && meeting.some(({ kind }) => kind === 'listener');
}

const otherPlace: Unseen = {
  what: 'why a bind succeeds though a listener has the port',
  how: 'have the launcher lead to one machine, and to one network there, each time',
  asRoot: 'no',
};

function passingOn(host: string, port: number): string[] {
  if (host !== '::') return [];
  return ['0.0.0.0', '127.0.0.1', '::1'].filter((address) => bindOnce(address, port, 'off') === 'ok');
}

function freeIn(meeting: readonly Holder[]): number | null {
  const left = meeting.map(({ leftMs }) => leftMs);
  if (left.length === 0 || left.includes(null)) return null;
  return Math.max(...left.map((ms) => ms ?? 0));
}

/** The options of a socket without a process nobody can read, but what a bind with SO_REUSEADDR said tells its own. */
function knownFromBind({ withReuseAddress }: BindResults, groups: readonly HolderGroup[]): HolderGroup[] {
  const blocking = groups.filter(({ meets }) => meets);
  return groups.map((group) => {
    if (!group.meets || group.owner !== 'none') return group;
    // It passes over all that meet it only if all of them have the option.
    if (withReuseAddress === 'ok') return { ...group, reuseAddress: true, optionsUnknown: null };
    if (withReuseAddress !== 'EADDRINUSE' || blocking.length > 1 || group.count > 1) return group;
    return { ...group, reuseAddress: false, optionsUnknown: null };
  });
}

function pidsOf(groups: readonly HolderGroup[]): number[] {
  return [...new Set(groups.flatMap(({ processes }) => processes.map(({ pid }) => pid)))];
}

function withFacts(group: HolderGroup, table: ProcessTable): Holder {
  return {
    ...group,
    processes: group.processes.map(({ pid, name }) => factsOf(pid, name, table)),
    user: group.uid === null ? null : userName(group.uid, table.passwd),
  };
}
