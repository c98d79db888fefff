/** How much of a core `tcpclose watch` takes: on an idle port, on one beside many foreign sockets, on a port that has them, and on all. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openNamespace } from '../src/lab/hosts/namespace.ts';
import { Teardown } from '../src/lab/teardown.ts';

const ticksPerSecond = 100;
const settleMs = 2000;
const busyPort = 18_000;
const idlePort = 18_001;

/** CPU time by wall time while it watches, without its start; in a private network, with `timeWaits` TIME_WAITs. */
export async function shareOfWatch(
  program: string,
  { timeWaits, port, forMs }: { timeWaits: number; port: 'idle' | 'busy' | 'all'; forMs: number },
): Promise<number> {
  const teardown = new Teardown();
  try {
    const host = await openNamespace('bench', teardown);
    const start = (args: readonly string[]): ChildProcess => {
      const [command, ...rest] = host.wrap([process.execPath, ...args]);
      const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
      teardown.add(async () => {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
      });
      return child;
    };
    if (timeWaits > 0) {
      const maker = start([
        fileURLToPath(new URL('time-waits.mjs', import.meta.url)),
        String(timeWaits),
        String(busyPort),
      ]);
      if (maker.stdout !== null) await once(maker.stdout, 'data');
    }
    const watched = { idle: String(idlePort), busy: String(busyPort), all: '--all' }[port];
    const watcher = start([program, 'watch', watched, '--json']);
    watcher.stdout?.resume();
    await sleep(settleMs);
    const before = { cpu: cpuMs(watcher.pid ?? 0), at: performance.now() };
    await sleep(forMs);
    return (cpuMs(watcher.pid ?? 0) - before.cpu) / (performance.now() - before.at);
  } finally {
    await teardown.run();
  }
}

// utime and stime, fields 14 and 15 of /proc/<pid>/stat. nsenter and its like exec the program itself.
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

export const watchCases = [
  { title: 'an idle port', timeWaits: 0, port: 'idle', atMost: 0.02 },
  { title: 'an idle port beside 50,000 TIME_WAITs', timeWaits: 50_000, port: 'idle', atMost: 0.1 },
  { title: 'a port that has 50,000 TIME_WAITs', timeWaits: 50_000, port: 'busy', atMost: 0.1 },
  { title: 'all of a machine with 50,000 TIME_WAITs', timeWaits: 50_000, port: 'all', atMost: 0.1 },
] as const;
