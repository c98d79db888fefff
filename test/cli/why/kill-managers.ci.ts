/** Holders that something starts again when they end: what started them is asked to stop them, and nothing else is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { tryBind } from '../../../src/diagnose/bind-probe.ts';
import type { WhyDocument } from '../../../src/report/documents/why.ts';
import { isRoot, missing } from '../../support/machine.ts';
import { readProc, tcpclose } from '../../support/program.ts';
import { schemaErrors } from '../../support/schema.ts';
import { unless } from '../../support/skips.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

const folder = temporaryFolder('why-kill-managers', 0o755);
const calls = join(folder, 'calls');
const PATH = `${folder}:${process.env['PATH']}`;
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(calls, { force: true });
});

/** Starts a program of Node; it says `up` when its port is held. */
async function start(script: string, env: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  started.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** A program that writes down its arguments, and does what the script says. */
function command(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} "$@" >> ${calls}\n${script}\n`, { mode: 0o755 });
}

async function why(port: number, ...args: readonly string[]) {
  const { stdout, stderr, status } = await tcpclose(['why', `${port}`, '--json', ...args], { env: { PATH } });
  expect(stderr).toBe('');
  const document: WhyDocument = JSON.parse(stdout);
  expect(schemaErrors('why', document)).toEqual([]);
  return { document, status };
}

const kill = (port: number, ...args: readonly string[]) => why(port, '--kill', '--yes', ...args);
const called = () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);
const isAlive = (pid: number | undefined) => /^State:\s+[RSDT]/m.test(readProc(`${pid}/status`));

describe('pm2', () => {
  /** Starts its app again when it ends, until it gets SIGUSR2. */
  const daemon = (app: string) => `
    process.title = 'PM2 v7.0.4: God Daemon (/home/me/.pm2)';
    let stopped = false;
    ${app}
    process.on('SIGUSR2', () => { stopped = true; end(); });
    setInterval(() => {}, 1e6);`;
  const server = (port: number) =>
    `process.on('disconnect', process.exit); require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`;
  const forked = (port: number) =>
    daemon(`
      let app;
      const end = () => app.kill();
      const begin = () => {
        app = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(server(port))}],
          { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, pm_id: '7', name: 'shop' } });
        app.on('exit', () => stopped || begin());
      };
      begin();`);
  const clustered = (apps: readonly [name: string, port: number][]) =>
    daemon(`
      const cluster = require('cluster');
      const end = () => cluster.disconnect();
      let up = 0;
      ${JSON.stringify(apps)}.forEach(([name, port], id) => {
        cluster.setupPrimary({ exec: ${JSON.stringify(join(folder, 'worker.cjs'))}, args: [String(port)], execArgv: [], silent: true });
        cluster.fork({ pm2_env: JSON.stringify({ name, pm_id: id + 3, exec_mode: 'cluster_mode' }) })
          .on('listening', () => { if (++up === ${apps.length}) console.log('up'); });
      });`);
  writeFileSync(
    join(folder, 'worker.cjs'),
    "require('net').createServer().listen(process.argv[2], '127.0.0.1')",
  );

  test('stops the app that it would start again, and continues to run', async () => {
    const port = somePort();
    const god = await start(forked(port), { PM2_HOME: '/home/me/of pm2' });
    command('pm2', `test "$PM2_HOME" = '/home/me/of pm2' && kill -USR2 ${god.pid}`);
    const { document, status } = await kill(port);
    expect(called()).toEqual(['pm2 stop 7']);
    expect(document.ended).toMatchObject({
      processes: [],
      commands: [{ of: 'pm2 app shop', failure: null }],
      boundAfterMs: expect.any(Number),
    });
    expect([document.situation, status, isAlive(god.pid)]).toEqual(['free', 0, true]);
    // What has stopped it does not start it again.
    expect([document.ended?.starters, document.notices]).toEqual([[], []]);
    expect(tryBind('127.0.0.1', port).withReuseAddress).toBe('ok');
  });

  test('that does not stop it leaves the port held, and its words are shown', async () => {
    const port = somePort();
    const god = await start(forked(port));
    command('pm2', 'echo "[PM2][ERROR] Process 7 not found"; exit 1');
    const { document, status } = await kill(port, '--wait', '300ms');
    expect(document.ended?.commands).toMatchObject([
      { failure: 'exit status 1: [PM2][ERROR] Process 7 not found' },
    ]);
    expect([document.situation, status, isAlive(god.pid)]).toEqual(['held', 1, true]);
  });

  test('has the port of an app in cluster mode: the app is stopped, and not the daemon', async () => {
    const port = somePort();
    const god = await start(
      clustered([
        ['web', port],
        ['web', port],
      ]),
    );
    command('pm2', `kill -USR2 ${god.pid}`);
    const { document, status } = await kill(port);
    expect(called()).toEqual(['pm2 stop 3 4']);
    expect([document.situation, status, isAlive(god.pid)]).toEqual(['free', 0, true]);
  });

  test('with several apps in cluster mode keeps all of them, because it does not report which one has the port', async () => {
    const [port, other] = [somePort(), somePort()];
    const god = await start(
      clustered([
        ['web', port],
        ['api', other],
      ]),
    );
    command('pm2', '');
    const { document, status } = await kill(port);
    expect(document.ended).toMatchObject({
      processes: [],
      commands: [],
      refused: [{ pid: god.pid, reason: expect.stringContaining('pm2 list') }],
    });
    expect([called(), status, isAlive(god.pid)]).toEqual([[], 1, true]);
    expect(document.steps[0]).toMatchObject({
      text: expect.stringContaining('cluster mode'),
      command: 'pm2 list',
    });
    expect(JSON.stringify(document.steps)).not.toContain(`kill ${god.pid}`);
  });
});

/** Where a hierarchy of cgroups is that every process is in, as systemd has it; null if none can be changed. */
function cgroups(): string | null {
  const mounts = readProc('self/mounts')
    .split('\n')
    .map((line) => line.split(' '));
  const found = mounts.find(
    ([, , type, options]) => type === 'cgroup2' || /\bname=systemd\b/.test(options ?? ''),
  );
  return found?.[1] ?? null;
}

const whyNoUnit = ((): string | null => {
  const root = cgroups();
  if (!isRoot || root === null) return 'it needs root and cgroups';
  try {
    mkdirSync(join(root, 'tcpclose-test.service'));
    rmdirSync(join(root, 'tcpclose-test.service'));
    return null;
  } catch {
    return 'no cgroup can be made';
  }
})();

describe('a unit of systemd', unless(whyNoUnit ?? missing('sh')), () => {
  test('is stopped by its name, because its process would be restarted', async () => {
    const port = somePort();
    const unit = `tcpclose-${process.pid}.service`;
    const group = join(cgroups() ?? '', unit);
    mkdirSync(group);
    // Both are in the unit: the one that starts the server again, and the server.
    const loop = await start(`
      require('fs').writeFileSync('${group}/cgroup.procs', String(process.pid));
      const begin = () => require('child_process').spawn(process.execPath, ['-e', "require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))"], { stdio: 'inherit' }).on('exit', begin);
      begin();`);
    command('systemctl', `kill ${loop.pid}; while read pid; do kill "$pid"; done < ${group}/cgroup.procs`);
    const before = await why(port);
    expect(before.document.steps[0]).toMatchObject({ command: `systemctl stop ${unit}` });
    const { document, status } = await kill(port);
    expect(called()).toEqual([`systemctl stop ${unit}`]);
    expect(document.ended).toMatchObject({ commands: [{ of: `systemd unit ${unit}`, failure: null }] });
    expect([document.situation, status]).toEqual(['free', 0]);
    await until('the end of the unit', () => readFileSync(`${group}/cgroup.procs`, 'utf8') === '');
    rmdirSync(group);
  });
});
