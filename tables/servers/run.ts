import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverPorts } from '../../src/lab/hosts/ports.ts';
import { kept, readTable, write, writeResults } from '../kept.ts';
import { thisMachine } from '../machine.ts';
import { install } from '../packages.ts';
import { enoughRuns, needsMore } from '../repeats.ts';
import type { Room, ServerKind } from './kinds/kind.ts';
import { serverKinds } from './kinds/kinds.ts';
import { firstLine, fourWays, stopTimeoutMs, underLoad, whenIdle } from './measure.ts';
import { serversPage } from './page.ts';
import type { LoadRun, ServerRow, ServersTable } from './result.ts';

/** Servers whose idle connections are watched at the same time: that is waiting. */
const sideBySide = 8;

/** Measures these servers, and keeps what is known of the others. Each row is saved as soon as it is there. */
export async function measureServers(names: readonly string[]): Promise<void> {
  const { room, versions } = prepared();
  const waiting = new Map<string, Promise<ServerRow['idle']>>();
  for (const [i, name] of names.entries()) {
    for (const next of names.slice(0, i + sideBySide)) {
      const kind = serverKinds[next];
      if (kind === undefined || waiting.has(next)) continue;
      waiting.set(next, missing(kind) === null ? whenIdle(kind, room()) : Promise.resolve(null));
    }
    const kind = serverKinds[name];
    if (kind === undefined) throw new Error(`"${name}" is not a server of this table`);
    save({ ...(await rowOf(name, kind, room, versions)), idle: (await waiting.get(name)) ?? null });
  }
}

/** The packages of npm, and what makes a room for each start. */
function prepared(): { readonly room: () => Room; readonly versions: Readonly<Record<string, string>> } {
  const packages = Object.values(serverKinds).flatMap(({ from }) => ('npm' in from ? from.npm : []));
  const installed = install('servers', packages);
  if ('why' in installed) throw new Error(installed.why);
  const root = mkdtempSync(join(tmpdir(), 'tcpclose-servers-'));
  chmodSync(root, 0o755);
  const room = (): Room => {
    const folder = mkdtempSync(join(root, 'room-'));
    chmodSync(folder, 0o777);
    return { port: serverPorts(1)[0] ?? 0, folder, modules: installed.folder };
  };
  return { room, versions: installed.versions };
}

/** More runs under load of those whose runs differ, or replaces them if there is another version now. */
export async function measureDiffering(names: readonly string[]): Promise<void> {
  const { room, versions } = prepared();
  for (const row of readTable('servers')?.rows ?? []) {
    const kind = serverKinds[row.server];
    if (kind === undefined || !names.includes(row.server) || missing(kind) !== null) continue;
    const isSame = versionOf(kind, versions) === row.version;
    const runsOf = (signal: string) => row.loads.filter((run) => run.signal === signal);
    if (isSame && !signalsOf(kind).some((signal) => needsMore(runsOf(signal)))) continue;
    const loads: LoadRun[] = [];
    for (const signal of signalsOf(kind))
      loads.push(...(await loadsOf(row.server, kind, signal, room, isSame ? runsOf(signal) : [])));
    save({ ...row, version: versionOf(kind, versions), loads });
  }
}

function signalsOf({ graceful }: ServerKind): readonly string[] {
  return ['SIGTERM', ...(graceful === undefined ? [] : [graceful])];
}

function loadsOf(
  server: string,
  kind: ServerKind,
  signal: string,
  room: () => Room,
  soFar: readonly LoadRun[] = [],
): Promise<LoadRun[]> {
  return enoughRuns<LoadRun>(async () => {
    const run = await underLoad(kind, room(), signal);
    console.log(server, JSON.stringify(run));
    return run;
  }, soFar);
}

async function rowOf(
  server: string,
  kind: ServerKind,
  room: () => Room,
  versions: Readonly<Record<string, string>>,
): Promise<ServerRow> {
  const whyNot = missing(kind);
  const row = { server, version: versionOf(kind, versions), whyNot, idle: null };
  if (whyNot !== null) return { ...row, listener: null, ways: [], loads: [] };
  try {
    const { ways, listener } = await fourWays(kind, room());
    console.log(server, JSON.stringify(ways), JSON.stringify(listener));
    const loads: LoadRun[] = [];
    for (const signal of signalsOf(kind)) loads.push(...(await loadsOf(server, kind, signal, room)));
    return { ...row, listener, ways, loads };
  } catch (error) {
    console.log(server, String(error));
    return { ...row, whyNot: firstLine(error), listener: null, ways: [], loads: [] };
  }
}

/** Why it cannot be measured here; null if it can. */
function missing({ program, from }: ServerKind): string | null {
  if ('debian' in from && debianVersion(from.debian) === null) return `${from.debian} is not installed`;
  return spawnSync('which', [program]).status === 0 ? null : `${program} is not installed`;
}

function versionOf({ from }: ServerKind, versions: Readonly<Record<string, string>>): string | null {
  if ('npm' in from) return versions[from.npm] ?? null;
  if ('debian' in from) return debianVersion(from.debian);
  const [program, ...args] = from.versionOf;
  return spawnSync(program, args, { encoding: 'utf8' }).stdout?.trim().replace(/^v/, '') ?? null;
}

function debianVersion(name: string): string | null {
  const { stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
  const isInstalled = /^Status: .* installed$/m.test(stdout ?? '');
  return isInstalled ? (/^Version: (\S+)$/m.exec(stdout)?.[1] ?? null) : null;
}

function save(row: ServerRow): void {
  const old = readTable('servers');
  const names = Object.keys(serverKinds);
  const order = ({ server }: ServerRow) => names.indexOf(server);
  const others = (old?.rows ?? []).filter(({ server }) => server !== row.server && names.includes(server));
  const rows = [...others, row].sort((a, b) => order(a) - order(b));
  const table: ServersTable = { machine: thisMachine(), stopTimeoutMs, rows };
  writeResults(kept.servers.results, table);
  write(kept.servers.page, serversPage(table));
}
