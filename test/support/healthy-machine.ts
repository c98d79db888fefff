import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { AuditNetwork } from './audit-network.ts';
import { audited } from './audits.ts';
import { isRoot, missing } from './machine.ts';
import { nginxPaths } from './nginx.ts';
import { until } from './until.ts';

/** Why there cannot be one here, or null: nginx as it comes needs root for its log. */
export const whyNoHealthyMachine = missing('nginx', 'redis-server') ?? (isRoot ? null : 'it needs root');

const [web, redis] = [8088, 6379];
const clientsFile = fileURLToPath(new URL('../fixtures/clients.cjs', import.meta.url));

/** Audits a machine with a web server, a Redis server and many clients again and again, and expects that nothing is wrong. */
export async function expectHealthy(
  network: AuditNetwork,
  { clients, forMs }: { readonly clients: number; readonly forMs: number },
): Promise<{ audits: number; answered: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'healthy-'));
  const started: ChildProcess[] = [];
  const start = (command: readonly string[]) => {
    const [program, ...args] = network.host.wrap(command);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: folder });
    child.stdin?.on('error', () => {});
    started.push(child);
    return child;
  };
  try {
    writeFileSync(join(folder, 'nginx.conf'), nginxConf(folder));
    start(['nginx', '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]);
    start([
      'redis-server',
      '--port',
      String(redis),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      folder,
    ]).stdout?.resume();
    await until('both servers', async () => {
      const table = await network.run('ss', '-tanl');
      return [web, redis].every((port) => table.includes(`:${port} `));
    });
    const load = start([process.execPath, clientsFile, String(clients), String(web), String(redis)]);
    let [audits, most] = [0, 0];
    for (const end = performance.now() + forMs; performance.now() < end || audits < 2; audits++) {
      const { document } = await audited([], network.host.prefix);
      // The whole finding is shown where there is one.
      expect(document.findings.filter(({ severity }) => severity === 'wrong')).toEqual([]);
      most = Math.max(most, document.timeWaits);
    }
    expect(most).toBeGreaterThan(clients / 2);
    const said = load.stdout === null ? Promise.reject(new Error()) : once(load.stdout, 'data');
    load.stdin?.end();
    const { answered, failed } = JSON.parse(String((await said)[0])) as { answered: number; failed: number };
    expect(failed).toBe(0);
    return { audits, answered };
  } finally {
    await Promise.all(started.map(endOf));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function nginxConf(folder: string): string {
  return `
daemon off;
worker_processes 2;
pid ${folder}/nginx.pid;
events { worker_connections 2048; }
http {
  access_log off;
  ${nginxPaths(folder)}
  server { listen ${web}; listen [::]:${web}; location / { return 200 "hello"; } }
}
`;
}
