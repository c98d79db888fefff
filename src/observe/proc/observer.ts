import { TcpcloseError } from '../../errors.ts';
import { harmless, harmlessLines } from '../../foreign.ts';
import type { ObserverKind, OpenObserver } from '../observer.ts';
import { type Place, readAll } from '../place.ts';
import { type Holder, uniqueHolders } from '../row.ts';
import { addHolder, findHolders, type Holders } from './holders.ts';
import { linesOfPorts, parseProc } from './parse.ts';

const tables = ['/proc/net/tcp', '/proc/net/tcp6'];

/** /proc/net/tcp and tcp6, and /proc/<pid>/fd for the processes. It needs no program on this machine. */
export const proc: ObserverKind = {
  label: '/proc/net/tcp',
  missing: '/proc/net/tcp cannot be read: mount /proc, or let --observer auto choose another way',
  open,
};

async function open(place: Place, signal?: AbortSignal): Promise<OpenObserver | null> {
  try {
    await readTables(place, signal);
  } catch {
    return null;
  }
  return {
    version: null,
    command: (ports) => {
      const pattern = ports.map((port) => port.toString(16).toUpperCase().padStart(4, '0')).join('|');
      return `grep -E ':(${pattern}) ' /proc/net/tcp /proc/net/tcp6`;
    },

    async read(ports, signal) {
      const raw = linesOfPorts(await readTables(place, signal), ports);
      const owned = parseProc(raw).rows.some(({ inode }) => inode !== 0);
      const holders = owned ? await holdersAt(place, signal) : new Map<number, Holder[]>();
      return {
        raw: harmlessLines(raw),
        ...parseProc(raw, (inode) => uniqueHolders(holders.get(inode) ?? [])),
      };
    },
  };
}

// A kernel without IPv6 lacks tcp6.
async function readTables(place: Place, signal?: AbortSignal): Promise<string> {
  const text = await readAll(place, tables, signal);
  if (text.includes('local_address')) return text;
  throw new TcpcloseError('observer-failed', '/proc/net/tcp cannot be read: mount /proc there');
}

/** The holders by inode. Only root sees processes of other users. */
export async function holdersAt(place: Place, signal?: AbortSignal): Promise<Holders['byInode']> {
  return place.procNet === undefined ? holdersBehind(place, signal) : findHolders(() => true).byInode;
}

// Names of processes and files may contain newlines: each process begins with an unpredictable marker.
const listing = `
cd /proc
for p in [0-9]*; do
  printf '\\n%s %s ' "$1" "$p"; tr '\\n' '\\001' < "$p/comm"; echo
  ls -l "$p/fd"
done 2>/dev/null`;

function parseListing(text: string, mark: string): Map<number, Holder[]> {
  const found = new Map<number, Holder[]>();
  let holder: Holder | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith(mark)) {
      const [, pid, comm = ''] = /^ (\d+) (.*)$/s.exec(line.slice(mark.length)) ?? [];
      holder = { pid: Number(pid), name: harmless(comm.replaceAll('\u0001', '\n').replace(/\n$/, '')) };
    }
    const inode = /socket:\[(\d+)\]$/.exec(line)?.[1];
    if (inode !== undefined && holder !== undefined) addHolder(found, Number(inode), holder);
  }
  return found;
}

/** The same behind a launcher, with ls and a POSIX shell. */
async function holdersBehind(place: Place, signal?: AbortSignal): Promise<Map<number, Holder[]>> {
  const mark = crypto.randomUUID();
  const { stdout } = await place.run(['sh', '-c', listing, 'sh', mark], signal);
  return parseListing(stdout, mark);
}
