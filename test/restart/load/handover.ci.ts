import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { observed, runOf } from '../../support/loads.ts';
import { tcpclose } from '../../support/program.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { unless } from '../../support/skips.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-handover');

const load = ['--load', 'new=40/s,pooled=4,idle=2,slow=2', '--slow-path', '/slow'];
const activated = (...words: string[]) => ['node', fixture('activated.cjs'), ...words];

describe.concurrent('a listener that tcpclose keeps (LISTEN_FDS)', () => {
  test('loses nothing over a restart, because its queue keeps connections that are not accepted yet', async () => {
    const options = () => [...load, '--listen-fds', String(somePort())];
    const { verdict, load: requests } = await observed(() => restart(options(), activated()));
    expect({ verdict, lost: requests.lost, losses: requests.losses }).toEqual({
      ...{ verdict: 'survives', lost: 0, losses: [] },
    });
    expect(requests.timeline).toMatchObject({ listenerKept: true, listenerCloses: null });
    expect(requests.timeline.answers).toBeGreaterThan(requests.timeline.exits ?? Number.POSITIVE_INFINITY);
  });

  test('is the same socket for both starts of a handover', async () => {
    const options = () => [...load, '--handover', '--listen-fds', String(somePort())];
    const { verdict, reload, load: requests } = await observed(() => restart(options(), activated()));
    expect({ verdict, losses: requests.losses }).toEqual({ verdict: 'survives', losses: [] });
    expect(reload).toMatchObject({ listener: 'stayed', handover: { by: null, listener: 'passed' } });
  });

  test('a second start that binds the port itself has not taken it', async () => {
    const port = String(somePort());
    const flag = join(folder, port);
    const once = `if [ -e ${flag} ]; then exec "$@" 0 ${port}; fi; touch ${flag}; exec "$@"`;
    const options = ['--load', 'new=20', '--handover', '--listen-fds', port];
    const { verdict, cause, evidence } = runOf(
      await restart(options, ['sh', '-c', once, 'sh', ...activated()]),
    );
    expect({ verdict, cause }).toEqual({ verdict: 'fails', cause: 'listener-not-taken' });
    expect(evidence?.remedy).toContain('server.listen({ fd: 3 })');
  });

  test('a first start that binds the port itself gets advice on how to adopt the listener', async () => {
    const port = String(somePort());
    const { stderr, status } = await tcpclose([
      'restart',
      '--listen-fds',
      port,
      '--',
      ...activated('0', port),
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('does not take the listener of --listen-fds: take descriptor 3');
  });

  test('cannot be opened on a port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { stderr, status } = await tcpclose(['restart', '--listen-fds', String(port), '--', 'true']);
    server.close();
    expect({ status, lines: stderr.trim().split('\n').length }).toEqual({ status: 2, lines: 1 });
    expect(stderr).toContain(
      'the listener of --listen-fds cannot be opened (EADDRINUSE): choose another port',
    );
  });

  test.for([
    [['--listen-fds', 'http'], '"http" is not a port'],
    [['--listen-fds', 'example.org:80'], '"example.org" is not an IP address'],
    [['--listen-fds', '8080', '--port', '8080'], 'leave out --port and --socket'],
    [['--handover', 'NOTHING'], '"NOTHING" is not a signal'],
  ] as const)('%s is refused with a remedy', async ([options, words]) => {
    const { status, stderr } = await tcpclose(['restart', ...options, '--', 'true']);
    expect({ status, lines: stderr.trim().split('\n').length }).toEqual({ status: 2, lines: 1 });
    expect(stderr).toContain(words);
  });
});

const inNamespace = (value: '0' | '1', ...command: string[]) => [
  ...['unshare', '--user', '--map-root-user', '--net', 'sh', '-c'],
  `ip link set lo up && echo ${value} > /proc/sys/net/ipv4/tcp_migrate_req && exec "$@"`,
  ...['sh', ...command],
];
const noNamespace =
  spawnSync('unshare', inNamespace('0', 'true').slice(1)).status === 0 ? null : 'no namespace';

describe.concurrent(
  'net.ipv4.tcp_migrate_req decides what becomes of the accept queue',
  unless(noNamespace),
  () => {
    test.each(['0', '1'] as const)('%s', async (value) => {
      const command = () => ['python3', fixture('reloading.py'), String(somePort()), 'shares, drops'];
      const prefix = inNamespace(value);
      // Clients that get no CPU while the queue fills have hardly anything in it.
      const { load: requests } = await observed(() =>
        restart(['--load', 'new=60/s,pooled=2', '--handover'], command(), { prefix }),
      );
      const queue = requests.losses.find(({ cause }) => cause === 'accept-queue-dropped');
      expect(requests.notes.join()).toContain(`net.ipv4.tcp_migrate_req is ${value} here`);
      if (value === '1') {
        expect(queue).toBeUndefined();
        return;
      }
      expect(queue?.lost).toBeGreaterThan(0);
      expect(queue?.remedy).toContain('tcp_migrate_req=1');
    });
  },
);
