import type { Place } from '../observe/place.ts';
import { statFields } from '../observe/proc/status.ts';

const files = ['stat', 'status', 'cgroup', 'cmdline', 'environ'] as const;

/** The proc(5) files of a process; empty if it has ended, or may not be read. */
export type ProcessFiles = Readonly<Record<(typeof files)[number], string>>;

/** The files of these processes and of all their ancestors, and what is needed to interpret them. */
export interface ProcessTable {
  readonly byPid: ReadonlyMap<number, ProcessFiles>;
  readonly passwd: string;
  /** The uid of the user there; null if it is not known. */
  readonly ownUid: number | null;
  /** /proc/stat, for the boot time. */
  readonly stat: string;
}

/** Reads the files directly on this machine; behind a launcher, a shell reads all of them at once. */
export async function readProcessTable(
  place: Place,
  pids: readonly number[],
  signal?: AbortSignal,
): Promise<ProcessTable> {
  if (place.procNet !== undefined) return readFiles(place, pids);
  const { stdout } = await place.run(['sh', '-c', script, 'sh', ...pids.map(String)], signal);
  return parseScriptOutput(stdout);
}

async function readFiles(place: Place, pids: readonly number[]): Promise<ProcessTable> {
  const byPid = new Map<number, ProcessFiles>();
  for (const first of pids) {
    for (let pid: number | null = first; pid !== null && !byPid.has(pid); ) {
      const texts = await Promise.all(files.map((file) => textOf(place, `/proc/${pid}/${file}`)));
      const read = Object.fromEntries(files.map((file, i) => [file, texts[i]])) as ProcessFiles;
      byPid.set(pid, read);
      pid = parentOf(read);
    }
  }
  return {
    byPid,
    passwd: await textOf(place, '/etc/passwd'),
    ownUid: process.geteuid?.() ?? null,
    stat: await textOf(place, '/proc/stat'),
  };
}

async function textOf(place: Place, path: string): Promise<string> {
  return (await place.read(path)) ?? '';
}

// One line per file, with \1 and \2 for the ends of words and lines, so that no file can imitate another.
const script = `
show() { printf '%s %s ' "$1" "$2"; tr '\\000\\n' '\\001\\002' < "$3"; echo; }
for p in "$@"; do
  while [ -r "/proc/$p/status" ]; do
    for f in ${files.join(' ')}; do show "$p" "$f" "/proc/$p/$f"; done
    p=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$p/status")
  done
done 2>/dev/null
show 0 passwd /etc/passwd
show 0 stat /proc/stat
show 0 own /proc/self/status
`;

/** Parses what the script prints behind a launcher. */
export function parseScriptOutput(text: string): ProcessTable {
  const byPid = new Map<number, ProcessFiles>();
  let [passwd, stat, own] = ['', '', ''];
  for (const line of text.split('\n')) {
    const match = /^(\d{1,10}) (\w+) (.*)$/.exec(line);
    if (match === null) continue;
    const [, pid, file = ''] = match;
    const content = (match[3] ?? '').replaceAll('\u0001', '\0').replaceAll('\u0002', '\n');
    if (pid === '0' && file === 'passwd') passwd = content;
    else if (pid === '0' && file === 'own') own = content;
    else if (pid === '0') stat = content;
    else byPid.set(Number(pid), { ...(byPid.get(Number(pid)) ?? nothing), [file]: content });
  }
  return { byPid, passwd, stat, ownUid: uidOf(own) };
}

/** The pid of its parent; null for the first process, and for one that cannot be read. */
export function parentOf({ stat }: ProcessFiles): number | null {
  const parent = Number(statFields(stat)[1]);
  return Number.isInteger(parent) && parent > 0 ? parent : null;
}

/** The effective user in proc_pid_status(5). */
export function uidOf(status: string): number | null {
  const uid = /^Uid:\s+\d+\s+(\d{1,10})\b/m.exec(status)?.[1];
  return uid === undefined ? null : Number(uid);
}

/** A variable in the environment of a process. */
export function variable(environ: string, name: string): string | undefined {
  const entry = environ.split('\0').find((text) => text.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}

/** The files of a process that has ended. */
export const nothing: ProcessFiles = { stat: '', status: '', cgroup: '', cmdline: '', environ: '' };
