import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { observed } from '../../support/loads.ts';
import { missing } from '../../support/machine.ts';
import { nginxPaths } from '../../support/nginx.ts';
import { tcpclose } from '../../support/program.ts';
import { fixture, reloadOf, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-reload');

const load = ['--load', 'new=30/s,pooled=4,idle=2'];
const python = (way: string) => ['python3', fixture('reloading.py'), String(somePort()), way];

describe.concurrent('a reload under load', () => {
  test('nginx: the workers are others, the master and the listener are not', async (context) => {
    if (missing('nginx') !== null) return context.skip('nginx is not installed');
    const path = join(folder, 'nginx.conf');
    writeFileSync(
      path,
      `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log; worker_processes 2;
       events {} http { access_log off; ${nginxPaths(folder)} server { listen 127.0.0.1:${somePort()}; return 200 ok; } }`,
    );
    const {
      verdict,
      reload,
      load: requests,
    } = reloadOf(await restart([...load, '--reload', 'HUP'], ['nginx', '-c', path]));
    // What it loses of kept connections depends on the moment; it never stops listening.
    expect(['survives', 'loses']).toContain(verdict);
    expect(requests.kinds.every(({ after }) => after.refused === 0)).toBe(true);
    expect(reload).toMatchObject({
      signal: 'SIGHUP',
      listener: 'stayed',
      mainEnded: null,
      answer: 'answered, status 200',
    });
    const [master] = reload.listenedBefore;
    const workers = reload.listensAfter.filter((one) => one.new);
    expect(workers.length).toBe(2);
    expect(workers.every(({ startedMs }) => (startedMs ?? -1) >= -20)).toBe(true);
    expect(reload.listensAfter.filter((one) => !one.new).map(({ pid }) => pid)).toEqual([master?.pid]);
  });

  test('haproxy -sf, by a command: the new server replaces the old one', async (context) => {
    if (missing('haproxy') !== null) return context.skip('haproxy is not installed');
    const path = join(folder, 'haproxy.cfg');
    writeFileSync(
      path,
      `defaults\n mode http\n timeout client 30s\n timeout connect 5s\n timeout server 30s\nfrontend f\n bind 127.0.0.1:${somePort()}\n http-request return status 200 content-type text/plain string ok\n`,
    );
    const command = `exec haproxy -db -f ${path} -sf $MAINPID`;
    const { reload, verdict } = reloadOf(
      await restart([...load, '--reload-command', command], ['haproxy', '-db', '-f', path]),
    );
    expect(['survives', 'loses']).toContain(verdict);
    expect(reload).toMatchObject({ command, commandEnded: null, listener: 'replaced' });
    expect(reload.mainEnded).toEqual({ status: 0, signal: null });
    expect(reload.listensAfter.every((one) => one.new)).toBe(true);
  });

  test('a server that opens its listener again loses the requests that are refused in between', async () => {
    const {
      verdict,
      cause,
      reload,
      load: requests,
    } = await observed(() => restart([...load, '--reload', 'HUP'], python('reopens')));
    expect(verdict).toBe('loses');
    // A busy server also has connections in its accept queue when it closes the listener: what can be avoided comes first.
    const dropped = requests.losses.some((loss) => loss.cause === 'accept-queue-dropped');
    expect(cause).toBe(dropped ? 'accept-queue-dropped' : 'outage');
    expect(reload).toMatchObject({ listener: 'replaced', mainEnded: null });
    expect(requests.kinds.find(({ kind }) => kind === 'new')?.after.refused).toBeGreaterThan(0);
    const outage = requests.losses.find((loss) => loss.cause === 'outage');
    expect(outage?.remedy).toContain('pass the listener on');
  });

  test('a server without a handler ends at the signal', async () => {
    const { verdict, cause, reload } = reloadOf(await restart([...load, '--reload', 'HUP'], python('dies')));
    expect({ verdict, cause }).toEqual({ verdict: 'fails', cause: 'ends-at-reload' });
    expect(reload).toMatchObject({ listener: 'gone', mainEnded: { status: null, signal: 'SIGHUP' } });
  });

  test('a server that runs, and does not listen any more, does not survive', async () => {
    const { verdict, cause, reload } = reloadOf(
      await restart([...load, '--reload', 'HUP'], python('closes')),
    );
    expect({ verdict, cause }).toEqual({ verdict: 'fails', cause: 'no-answer-after-reload' });
    expect(reload).toMatchObject({ listener: 'gone', mainEnded: null });
  });

  test('a signal that is ignored is not a reload', async () => {
    const { verdict, cause } = reloadOf(await restart([...load, '--reload', 'HUP'], python('ignores')));
    expect({ verdict, cause }).toEqual({ verdict: 'fails', cause: 'signal-ignored' });
  });

  test('one that is handled, and changes nothing that can be seen, survives with a warning', async () => {
    const { verdict, warnings, reload } = reloadOf(
      await restart([...load, '--reload-command', 'kill -HUP $MAINPID'], python('reads again')),
    );
    expect(verdict).toBe('survives');
    expect(reload).toMatchObject({ lastChangeMs: null, listener: 'stayed' });
    expect(warnings[0]).toContain('cannot be seen from outside');
  });

  test('a command that fails has not reloaded anything', async () => {
    const { verdict, cause } = reloadOf(
      await restart([...load, '--reload-command', 'exit 3'], python('reads again')),
    );
    expect({ verdict, cause }).toEqual({ verdict: 'fails', cause: 'reload-failed' });
  });

  test('a handover with SO_REUSEPORT: no client is refused, and only the second start has the port in the end', async () => {
    const {
      verdict,
      reload,
      load: requests,
    } = reloadOf(await restart([...load, '--handover'], python('shares, drains')));
    expect(['survives', 'loses']).toContain(verdict);
    expect(requests.kinds.every(({ after }) => after.refused === 0)).toBe(true);
    expect(reload).toMatchObject({ listener: 'replaced', commandEnded: null, mainEnded: { status: 0 } });
    expect(reload.listensAfter.map((one) => one.new)).toEqual([true]);
    const { listensMs = null, toldMs = null, stoppedMs = null } = reload.handover ?? {};
    expect(listensMs).toBeLessThan(toldMs ?? 0);
    expect(toldMs).toBeLessThan(stoppedMs ?? 0);
    expect(requests.notes.join()).toContain('net.ipv4.tcp_migrate_req is');
  });

  test('a second start that cannot bind beside the first gets advice on what to set', async () => {
    const { verdict, cause, evidence } = reloadOf(
      await restart([...load, '--handover'], python('reads again')),
    );
    expect({ verdict, cause }).toEqual({ verdict: 'fails', cause: 'taken-by-first' });
    expect(evidence?.remedy).toContain('SO_REUSEPORT');
  });

  test('a first start that does not end is not a handover', async () => {
    const { verdict, cause } = reloadOf(
      await restart(
        [...load, '--handover', '--signal', 'WINCH', '--stop-timeout', '2s'],
        python('shares, drains'),
      ),
    );
    expect({ verdict, cause }).toEqual({ verdict: 'fails', cause: 'still-running' });
  });

  test.for([
    [['--reload', 'HUP', '--all'], '--all is about a restart'],
    [['--reload', 'HUP', '--signal', 'INT'], '--signal is about a restart'],
    [['--reload', 'HUP', '--pre-stop', '1s'], '--pre-stop is about a restart'],
    [['--reload', 'HUP', '--reload-command', 'true'], 'exclude each other'],
    [['--reload', 'HUP', '--handover'], 'exclude each other'],
    [['--reload', 'NOTHING'], 'is not a signal'],
    [['--reload-command', ' '], 'is empty'],
  ] as const)('%s is refused with a remedy', async ([options, words]) => {
    const { status, stderr } = await tcpclose(['restart', ...options, '--', 'true']);
    expect(status).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n').length).toBe(1);
  });
});
