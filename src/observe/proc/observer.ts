import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { TcpcloseError } from '../../errors.ts';
import { type Harmless, harmless, harmlessLines } from '../../foreign.ts';
import type { Observer } from '../observer.ts';
import type { Place } from '../place.ts';
import { type Holder, uniqueHolders } from '../row.ts';
import { findHolders } from './holders.ts';
import { linesOfPorts, parseProc } from './parse.ts';

const tables = ['tcp', 'tcp6'];

/** /proc/net/tcp and tcp6, and /proc/<pid>/fd for the processes: needs no program where the place is this machine's. */
export async function openProc(place: Place, signal?: AbortSignal): Promise<Observer | null> {
  const proc = place.procNet === undefined ? procByPrograms(place) : procByFiles(place.procNet);
  try {
    await proc.tables(signal);
  } catch {
    return null;
  }
  return {
    name: 'proc',
    version: null,
    command: (ports) => {
      const pattern = ports.map((port) => port.toString(16).toUpperCase().padStart(4, '0')).join('|');
      return `grep -E ':(${pattern}) ' /proc/net/tcp /proc/net/tcp6`;
    },

    async read(ports, signal) {
      const raw = linesOfPorts(await proc.tables(signal), ports);
      const owned = parseProc(raw).rows.some(({ inode }) => inode !== 0);
      const holders = owned ? await proc.holders(signal) : new Map<number, Holder[]>();
      return {
        raw: harmlessLines(raw),
        ...parseProc(raw, (inode) => uniqueHolders(holders.get(inode) ?? [])),
      };
    },
  };
}

interface Proc {
  tables(signal?: AbortSignal): Promise<string>;
  /** By inode. Processes of other users are not seen without root. */
  holders(signal?: AbortSignal): Promise<Map<number, Holder[]>>;
}

function procByFiles(folder: string): Proc {
  return {
    async tables() {
      const texts = await Promise.all(tables.map((table) => readTable(`${folder}/${table}`)));
      return texts.join('');
    },

    async holders() {
      const found = [...findHolders(() => true).byInode];
      return new Map(found.map(([inode, all]) => [inode, all.map(({ pid, name }) => ({ pid, name }))]));
    },
  };
}

// A kernel without IPv6 has no tcp6.
async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (path.endsWith('6')) return '';
    throw error;
  }
}

function inodeOfLink(target: string): number | undefined {
  const match = /socket:\[(\d+)\]$/.exec(target);
  return match === null ? undefined : Number(match[1]);
}

function addHolder(found: Map<number, Holder[]>, inode: number, holder: Holder): void {
  const holders = found.get(inode);
  if (holders === undefined) found.set(inode, [holder]);
  else holders.push(holder);
}

// Names of processes and of files may hold ends of lines: each process begins with a mark that nobody can know beforehand.
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
      holder = { pid: Number(pid), name: nameOfComm(comm) };
    }
    const inode = inodeOfLink(line);
    if (inode !== undefined && holder !== undefined) addHolder(found, inode, holder);
  }
  return found;
}

function nameOfComm(comm: string): Harmless {
  return harmless(comm.replaceAll('\u0001', '\n').replace(/\n$/, ''));
}

/** The same behind a launcher, with cat, ls and a POSIX shell. */
function procByPrograms(place: Place): Proc {
  return {
    async tables(signal) {
      const paths = tables.map((table) => `/proc/net/${table}`);
      const { stdout, stderr } = await place.run(['cat', ...paths], signal);
      if (!stdout.includes('local_address')) {
        throw new TcpcloseError(
          'observer-failed',
          `cat /proc/net/tcp failed (${stderr.trim()}): mount /proc there`,
        );
      }
      return stdout;
    },

    async holders(signal) {
      const mark = randomUUID();
      const { stdout } = await place.run(['sh', '-c', listing, 'sh', mark], signal);
      return parseListing(stdout, mark);
    },
  };
}
