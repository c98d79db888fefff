import { membersOfOthers } from '../diagnose/elsewhere.ts';
import { userName } from '../diagnose/process-facts.ts';
import type { Unseen } from '../diagnose/unseen.ts';
import { many } from '../many.ts';
import { isThisNetwork } from '../observe/place.ts';
import { look } from './facts/look.ts';
import type { Socket } from './facts/sockets.ts';
import type { Facts } from './facts.ts';

/** What the audit could not see. If anything is missing, it must not report "nothing is wrong". */
export async function unseenIn(facts: Facts): Promise<Unseen[]> {
  const all = [
    await hiddenProcesses(facts),
    ages(facts),
    options(facts),
    await natRules(facts),
    counters(facts),
    otherNetworks(facts),
  ];
  return all.filter((unseen) => unseen !== null);
}

/** What only root sees; `otherwise` is the advice to root. */
function forRoot(what: string, otherwise: string, { now }: Facts): Unseen {
  return now.processes.table.ownUid === 0
    ? { what, how: otherwise, asRoot: 'no' }
    : { what, how: 'run tcpclose as root', asRoot: 'yes' };
}

/** The advice if even root does not see it. */
const fromOutside = 'run it outside this container; it may be a kernel service such as NFS';

async function hiddenProcesses(facts: Facts): Promise<Unseen | null> {
  const { now } = facts;
  const missing = [...now.table.listeners, ...now.table.connections].filter(
    ({ inode }) => inode !== null && facts.asked.has(inode) && !now.holders.has(inode),
  );
  // A socket may have been closed between reading the table and reading the processes.
  const hidden = missing.filter(await stillThere(missing, facts));
  if (hidden.length === 0) return null;
  const uids = new Set(hidden.flatMap(({ uid }) => uid ?? []));
  const users = [...uids].slice(0, 3).map((uid) => userName(uid, now.processes.table.passwd));
  const whose = users.length === 0 ? '' : ` of user ${users.join(', ')}`;
  const what = `the processes of ${many(hidden.length, 'socket')}${whose}, and whether they accept`;
  return forRoot(what, fromOutside, facts);
}

async function stillThere(
  missing: readonly Socket[],
  { place, signal }: Facts,
): Promise<(socket: Socket) => boolean> {
  if (missing.length === 0) return () => true;
  const { table } = await look(place, signal);
  const inodes = new Set([...table.listeners, ...table.connections].map(({ inode }) => inode));
  return ({ inode }) => inodes.has(inode);
}

function ages({ now: { table } }: Facts): Unseen | null {
  const without = table.connections.filter(lacksAge).length;
  if (without === 0) return null;
  return {
    what: `the ages of ${many(without, 'connection')}: ${table.way} does not show them, so nothing that depends on them was found`,
    how: 'install iproute2 there',
    asRoot: 'no',
  };
}

// Half-open connections, and FIN_WAIT2 without a process, have no age anywhere.
function lacksAge({ movement, timer, state }: Socket): boolean {
  return movement === null && timer?.kind !== 'timewait' && !state.includes('SYN');
}

function options(facts: Facts): Unseen | null {
  const unread = facts.listeners.filter((listener) => facts.optionsOf(listener).state === 'unreadable');
  if (unread.length === 0) return null;
  const what = `SO_REUSEADDR of ${many(unread.length, 'listener')}`;
  if (!isThisNetwork(facts.place)) return { what, how: 'run tcpclose there', asRoot: 'no' };
  return forRoot(what, fromOutside, facts);
}

async function natRules(facts: Facts): Promise<Unseen | null> {
  if (facts.listeners.length === 0) return null;
  const { seen } = await facts.sources.nat();
  switch (seen) {
    case 'all':
    case 'none':
      return null;
    case 'some':
      return { what: 'the rules of NAT that nftables has', how: 'install nftables there', asRoot: 'no' };
    case 'no tool':
      return { what: 'the rules of NAT', how: 'install nftables there', asRoot: 'no' };
    case 'forbidden':
      return forRoot('the rules of NAT', 'look with CAP_NET_ADMIN', facts);
  }
}

function counters({ now: { machine } }: Facts): Unseen | null {
  if (machine.counters.size > 0) return null;
  return { what: 'the counters of the kernel (/proc/net/netstat)', how: 'mount /proc there', asRoot: 'no' };
}

/** Other networks, mostly those of containers. Every user may see their number. */
function otherNetworks(facts: Facts): Unseen | null {
  if (!isThisNetwork(facts.place) || facts.scope === 'part') return null;
  const others = membersOfOthers();
  const [pid] = others;
  if (pid === undefined) return null;
  return {
    what: `${many(others.length, 'other network namespace')}, as containers have`,
    how: `look with --on 'nsenter --net --target ${pid}'`,
    asRoot: 'no',
  };
}
