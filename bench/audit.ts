/** `tcpclose audit` beside `ss -tan`, in a private network with very many connections. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openNamespace } from '../src/lab/hosts/namespace.ts';
import { Teardown } from '../src/lab/teardown.ts';

const port = 18_000;

export interface Cost {
  readonly name: string;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly megabytes: number;
}

export const auditLimits = { sockets: 200_000, megabytes: 300, cpuRatioToSs: 4 } as const;

/** What each command takes; the median of some rounds by CPU time, because the clock of a busy machine says little. */
export async function costsOfAudit(program: string, rounds: number): Promise<Cost[]> {
  const teardown = new Teardown();
  try {
    const host = await openNamespace('bench', teardown);
    const maker = fileURLToPath(new URL('many-sockets.py', import.meta.url));
    const [command, ...args] = host.wrap(['python3', maker, String(auditLimits.sockets / 2), String(port)]);
    const child: ChildProcess = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    teardown.add(async () => {
      child.stdin?.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    });
    if (child.stdout !== null) await once(child.stdout, 'data');
    const audit = [process.execPath, program, 'audit'];
    const candidates = [
      { name: 'ss -tan', words: ['ss', '-tan'] },
      { name: 'tcpclose audit --for 0', words: [...audit, '--for', '0'] },
      { name: 'tcpclose audit', words: audit },
    ];
    return candidates.map(({ name, words }) => {
      const costs = Array.from({ length: rounds }, () => costOf(name, host.wrap(words)));
      return costs.sort((a, b) => a.cpuMs - b.cpuMs)[Math.floor(rounds / 2)] as Cost;
    });
  } finally {
    await teardown.run();
  }
}

// Node does not tell how much memory a child took.
const measure = `
import resource, subprocess, sys, time
at = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print((time.monotonic() - at) * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024)
`;

function costOf(name: string, command: readonly string[]): Cost {
  const { stdout, stderr } = spawnSync('python3', ['-c', measure, ...command], { encoding: 'utf8' });
  const [wallMs, cpuMs, megabytes] = stdout.trim().split(' ').map(Number);
  if (wallMs === undefined || cpuMs === undefined || megabytes === undefined) throw new Error(stderr);
  return { name, wallMs, cpuMs, megabytes };
}
