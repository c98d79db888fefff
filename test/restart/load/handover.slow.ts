import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { missing } from '../../support/machine.ts';
import { nginxPaths } from '../../support/nginx.ts';
import { fixture, reloadOf, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-passed');

const load = ['--load', 'new=40/s,pooled=4,idle=2'];
const gunicorn = ['env', 'LOG=/dev/null', `PYTHONPATH=${fixture('')}`, 'gunicorn', '--threads', '20'];

function nginx(port: number): { readonly command: string[]; readonly pidFile: string } {
  const path = join(folder, 'nginx.conf');
  writeFileSync(
    path,
    `pid ${folder}/nginx.pid; error_log ${folder}/nginx.log; worker_processes 2;
     events {} http { access_log off; ${nginxPaths(folder)} server { listen 127.0.0.1:${port}; return 200 ok; } }`,
  );
  const program = spawnSync('which', ['nginx'], { encoding: 'utf8' }).stdout.trim();
  return { command: [program, '-c', path], pidFile: `${folder}/nginx.pid` };
}

/** No request meets a port on which nobody listens, and none is lost in the queue: only kept connections may be cut. */
function expectNoGap({ load: requests, reload }: ReturnType<typeof reloadOf>) {
  expect(reload).toMatchObject({ listener: 'stayed', handover: { listener: 'passed' } });
  expect(requests.kinds.map(({ after }) => after.refused)).toEqual(requests.kinds.map(() => 0));
  expect(requests.timeline.listenerKept).toBe(true);
  expect(requests.losses.map(({ cause }) => cause)).not.toContain('accept-queue-dropped');
  expect(requests.kinds.find(({ kind }) => kind === 'new')).toMatchObject({ lost: 0 });
  expect(reload.listensAfter.every((one) => one.new)).toBe(true);
}

describe.concurrent('a server that passes its listener on to its successor', () => {
  test('a program in Node', async () => {
    const command = ['node', fixture('passing.cjs'), String(somePort())];
    const run = reloadOf(await restart([...load, '--handover', 'USR2'], command));
    expectNoGap(run);
    expect(run.reload.handover?.by).toBe('SIGUSR2');
  });

  test('gunicorn', async (context) => {
    const why = missing('gunicorn');
    if (why !== null) return context.skip(why);
    const command = [...gunicorn, '--bind', `127.0.0.1:${somePort()}`, 'logged_wsgi:app'];
    expectNoGap(reloadOf(await restart([...load, '--handover', 'USR2'], command)));
  });

  test("nginx's upgrade of its own program", async (context) => {
    const why = missing('nginx');
    if (why !== null) return context.skip(why);
    const port = somePort();
    const { command, pidFile } = nginx(port);
    const options = ['--handover', 'USR2', '--signal', 'QUIT', '--port', String(port), '--pid-file', pidFile];
    expectNoGap(reloadOf(await restart([...load, ...options], command)));
  });

  test('without a handler the signal ends it', async () => {
    const command = ['node', fixture('logged.cjs'), String(somePort()), '/dev/null', 'keep'];
    const { verdict, cause, evidence } = reloadOf(await restart([...load, '--handover', 'USR2'], command));
    expect({ verdict, cause }).toEqual({ verdict: 'fails', cause: 'ends-at-reload' });
    expect(evidence?.remedy).toContain('--handover alone');
  });

  test('a server that starts no successor is reported', async () => {
    const command = ['python3', fixture('reloading.py'), String(somePort()), 'reads again'];
    const options = [...load, '--handover', 'HUP', '--timeout', '4s'];
    const { verdict, cause } = reloadOf(await restart(options, command));
    expect({ verdict, cause }).toEqual({ verdict: 'fails', cause: 'no-successor' });
  });
});

test('gunicorn takes the listener of LISTEN_FDS', async (context) => {
  const why = missing('gunicorn');
  if (why !== null) return context.skip(why);
  const options = [...load, '--listen-fds', String(somePort())];
  const [run] = (await restart(options, [...gunicorn, 'logged_wsgi:app'])).runs;
  expect(run?.load?.timeline.listenerKept).toBe(true);
  expect(run?.load?.kinds.map(({ after }) => after.refused)).toEqual([0, 0, 0]);
  expect(run?.load?.losses.map(({ cause }) => cause)).not.toContain('outage');
});
