import { UsageError } from '../errors.ts';
import type { Harmless } from '../foreign.ts';
import type { Place } from '../observe/place.ts';
import { type BindResults, bindOnce, tryBind, tryBindBehind } from './bind-probe.ts';
import { type Elsewhere, findElsewhere } from './elsewhere.ts';
import { groupHolders, type HolderGroup } from './holders.ts';
import { kindTeller } from './kinds.ts';
import { overlaps } from './overlap.ts';
import { factsOf, type ProcessFacts, userName } from './process-facts.ts';
import { type ProcessTable, readProcessTable } from './process-files.ts';
import { type PortSettings, readSettings } from './settings.ts';
import type { Sighting, Sightings } from './sighting.ts';
import { isThisNetwork, lookAtPort } from './table.ts';
import { findUdp, type UdpSocket } from './udp.ts';

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
  readonly way: Sightings['way'];
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

/** What could not be seen from here, and how to see it. */
export interface Unseen {
  readonly what: string;
  readonly how: string;
  /** Whether looking as root shows it. */
  readonly asRoot: 'yes' | 'no';
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
  const { sockets, way, refused } = await lookAtPort(place, port, signal);
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
  const contradicted = way !== 'sock_diag' && isBelied(bind, meeting);
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
    unseen: [...unseenIn(holders, way, refused, bind), ...(contradicted ? [otherPlace] : [])],
  };
  return { diagnosis, state: agreeing ? 'consistent' : 'contradictory' };
}

/** Sockets towards the port, but for those whose other end is told as well. */
function clientsOf(port: number, sockets: readonly Sighting[]): Sighting[] {
  const ends = ({ address, port }: Sighting['local']) => `${address} ${port}`;
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

// All addresses at once where there is IPv6, so that whoever holds any of them is met.
async function probe(
  place: Place,
  port: number,
  asked: string | undefined,
  signal: AbortSignal,
): Promise<{ host: string; bind: BindResults }> {
  const bindThere = async (host: string): Promise<{ host: string; bind: BindResults }> => ({
    host,
    bind: isThisNetwork(place) ? tryBind(host, port) : await tryBindBehind(place, host, port, signal),
  });
  if (asked !== undefined) return bindThere(asked);
  try {
    return await bindThere('::');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return bindThere('0.0.0.0');
  }
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

function unseenIn(
  holders: readonly Holder[],
  way: Sightings['way'],
  refused: number | null,
  bind: BindResults,
): Unseen[] {
  const unseen: Unseen[] = [];
  const hidden = holders.filter(({ owner }) => owner === 'unseen');
  if (hidden.length > 0) {
    const count = hidden.reduce((total, holder) => total + holder.count, 0);
    const users = [...new Set(hidden.map(({ user }) => user).filter((user) => user !== null))];
    const whose = users.length === 0 ? '' : ` of user ${users.join(', ')}`;
    const what = `the process that has ${count === 1 ? 'the socket' : `${count} of the sockets`}${whose}`;
    unseen.push(
      refused === 0
        ? {
            what,
            how: 'look from outside of this container, or for a service of the kernel such as NFS',
            asRoot: 'no',
          }
        : { what, how: 'look as root', asRoot: 'yes' },
    );
  }
  const options = holders.find(({ owner, optionsUnknown }) => owner === 'process' && optionsUnknown !== null);
  if (options !== undefined) {
    unseen.push({
      what: `SO_REUSEADDR of a socket (${options.optionsUnknown})`,
      how: way === 'sock_diag' ? 'look as root' : 'run tcpclose there, as root',
      asRoot: way === 'sock_diag' ? 'yes' : 'no',
    });
  }
  if (way !== 'sock_diag' && holders.length === 0) {
    const what = `a socket that is bound and does not listen (${way} does not tell it)`;
    unseen.push({ what, how: 'run tcpclose there, on Linux 6.8 or later', asRoot: 'no' });
  }
  if (bind.withoutReuseAddress === null) {
    unseen.push({
      what: 'whether a bind succeeds',
      how: 'install perl or python3 there, or run tcpclose there',
      asRoot: 'no',
    });
  }
  return unseen;
}
