import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { fixture, restart } from '../support/restarts.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { folder, second } from './second.ts';

const noNamespace = process.getuid?.() === 0 ? await whyUnmet('namespace') : 'only root may change settings';

// So long only where others are at work on the machine, too.
const manyRounds = { timeout: 600_000 };

describe.concurrent('a second start survives only if it serves its client, and is there in the end', () => {
  test.each([
    ['fails after listen', []],
    ['fails after listen', ['--no-watch']],
    ['dies', []],
    ['dies', ['--no-watch']],
  ])('%s %j', async (how, options) => {
    const { runs } = await restart(options, second(how));
    expect(runs).toMatchObject([
      { verdict: 'fails', cause: 'exited-otherwise', evidence: { secondStart: { result: 'failed' } } },
    ]);
    expect(runs[0]?.evidence?.explanation).toContain('after it had listened');
  });

  test('dies later: it is watched for as long as --settle says', async () => {
    const late = [...second('dies later'), '3000'];
    const { runs } = await restart(['--settle', '1min'], late);
    expect(runs).toMatchObject([
      { verdict: 'fails', cause: 'exited-otherwise', evidence: { secondStart: { ended: { status: 5 } } } },
    ]);
    expect(runs[0]?.evidence?.explanation).toMatch(
      /ended with exit status 5, [\d.]+ m?s after it had served its client/,
    );
  });

  test('closes its listener later', async () => {
    const { runs } = await restart(['--settle', '4s'], [...second('closes later'), '1500']);
    expect(runs).toMatchObject([
      { verdict: 'fails', evidence: { secondStart: { result: 'not everywhere' } } },
    ]);
  });

  test('--settle is for how long, and the report says it', async () => {
    const { runs } = await restart(['--settle', '400ms'], [...second('dies later'), '60000']);
    expect(runs).toMatchObject([{ verdict: 'survives' }]);
    const watchedMs = runs[0]?.evidence?.secondStart?.watchedMs;
    expect(watchedMs).toBeGreaterThanOrEqual(400);
    expect(watchedMs).toBeLessThan(60_000);
  });

  describe('that binds again and again', () => {
    const tryingAgain = () => ['python3', fixture('trying-again.py'), `${somePort()}`];

    test('is not waited for if the kernel keeps the port beyond --timeout', async () => {
      const { runs } = await restart(['--timeout', '25s'], tryingAgain());
      expect(runs).toMatchObject([{ verdict: 'fails', cause: 'no-reuse-address' }]);
      const { calls = [] } = runs[0]?.evidence?.secondStart ?? {};
      const refused = calls?.filter(({ result }) => result === 'EADDRINUSE').length;
      // 50 in 25 s.
      expect(refused).toBeGreaterThan(1);
      expect(refused).toBeLessThan(20);
    });

    test('survives if the port becomes free in time', unless(noNamespace), async () => {
      const setUp = 'ip link set lo up && sysctl -qw net.ipv4.tcp_fin_timeout=3 && exec "$@"';
      const prefix = ['unshare', '-n', 'sh', '-c', setUp, 'sh'];
      const { runs } = await restart(['--timeout', '25s'], tryingAgain(), { prefix });
      expect(runs).toMatchObject([{ verdict: 'survives' }]);
    });
  });

  test('a server that hangs up, if it is unknown what the first start does', async () => {
    const { runs } = await restart(['--clients', '0'], second('hangs up'));
    expect(runs).toMatchObject([
      { verdict: 'fails', evidence: { secondStart: { result: 'ends its client' } } },
    ]);
    expect(runs[0]?.evidence?.explanation).toMatch(/ended the connection of its client\.$/);
    expect(runs[0]?.evidence?.remedy).toContain('--clients 1');
  });

  test('a server that answers and closes before a look: no process is hidden', manyRounds, async () => {
    const script = `import socket; s = socket.socket(); s.setsockopt(1, 2, 1); s.bind(("127.0.0.1", ${somePort()})); s.listen()
while True:
    c, _ = s.accept(); c.recv(100); c.sendall(b"x"); c.close()`;
    const options = ['--request', 'hello', '--rounds', '20', '--settle', '300ms'];
    const { runs } = await restart(options, ['python3', '-c', script]);
    expect(runs).toMatchObject([{ verdict: 'survives', warnings: [] }]);
  });

  test('hangs up without an answer', async () => {
    const { runs } = await restart(['--request', 'hello'], second('hangs up'));
    expect(runs).toMatchObject([
      { verdict: 'fails', cause: null, evidence: { secondStart: { result: 'no answer' } } },
    ]);
  });

  test('greets, and does not answer', async () => {
    const { runs } = await restart(['--request', 'HELO me\\r\\n'], second('greets only'));
    expect(runs).toMatchObject([
      { verdict: 'fails', cause: null, evidence: { secondStart: { result: 'no answer' } } },
    ]);
  });

  test('hangs up without a request', async () => {
    const { runs } = await restart([], second('hangs up'));
    expect(runs).toMatchObject([
      { verdict: 'fails', cause: null, evidence: { secondStart: { result: 'ends its client' } } },
    ]);
  });

  test('sleeps, while a replacement answers that the old server has left behind', async () => {
    const command = ['python3', fixture('replacing.py'), `${somePort()}`, join(folder, randomUUID())];
    const { runs } = await restart(['--timeout', '4s'], command);
    expect(runs).toMatchObject([{ verdict: 'fails', evidence: { secondStart: { acceptedBy: [] } } }]);
  });

  test.each([
    ['listens on another address', '127.0.0.1'],
    ['closes its listener', '127.0.0.1'],
  ])('%s', async (how, missing) => {
    const { runs } = await restart([], second(how));
    expect(runs).toMatchObject([
      { verdict: 'fails', cause: null, evidence: { secondStart: { result: 'not everywhere' } } },
    ]);
    expect(runs[0]?.evidence?.explanation).toContain(`does not listen on ${missing}:`);
  });

  test('never accepts', async () => {
    const { runs } = await restart([], second('never accepts'));
    expect(runs).toMatchObject([
      { verdict: 'fails', cause: null, evidence: { secondStart: { result: 'listens only' } } },
    ]);
  });

  test(
    'a server that does not outlive the RST of a client survives: the client is held until all has been seen',
    manyRounds,
    async () => {
      const script = `require('net').createServer((s) => s.on('error', () => process.exit(1)).resume()).listen(${somePort()}, '127.0.0.1')`;
      expect((await restart(['--rounds', '10', '--settle', '300ms'], ['node', '-e', script])).verdict).toBe(
        'survives',
      );
    },
  );

  test('a server that ends its clients in every start survives', async () => {
    const script = `require('net').createServer((s) => s.end().resume()).listen(${somePort()}, '127.0.0.1')`;
    expect((await restart([], ['node', '-e', script])).verdict).toBe('survives');
  });
});

test.concurrent.each(['never', 'accepts'])(
  'an old process that %s shares the port by SO_REUSEPORT: a warning',
  async (how) => {
    const { runs } = await restart([], ['python3', fixture('sharing.py'), `${somePort()}`, how]);
    expect(runs).toMatchObject([{ verdict: 'survives', cause: null }]);
    const old = runs[0]?.oldProcesses[0]?.pid;
    expect(runs[0]?.warnings).toEqual([
      expect.stringContaining(`Process ${old} of the old server still listens`),
    ]);
    expect(runs[0]?.evidence?.secondStart?.acceptedBy.map(({ pid }) => pid)).not.toContain(old);
  },
);

test.concurrent('the first process of a pid namespace is known as such', async (context) => {
  const why = await whyUnmet('namespace');
  if (why !== null) return context.skip(why);
  const own = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child'];
  const command = [...own, 'node', fixture('plain.cjs'), `${somePort()}`];
  const { runs } = await restart(['--stop-timeout', '1s'], command);
  expect(runs).toMatchObject([{ verdict: 'fails', cause: 'signal-ignored' }]);
  expect(runs[0]?.evidence?.explanation).toContain('first process of its pid namespace');
  expect(runs[0]?.evidence?.remedy).toContain('--signal KILL');
  expect((await restart(['--signal', 'KILL'], command)).verdict).toBe('survives');
});

test.concurrent('a parent that has closed its listener and waits for its workers has acted on the signal', async () => {
  const command = ['python3', fixture('workers.py'), `${somePort()}`, 'drains'];
  const { runs } = await restart(['--stop-timeout', '1s'], command);
  expect(runs).toMatchObject([{ verdict: 'fails', cause: 'still-running' }]);
  expect(runs[0]?.evidence?.explanation).toContain('has closed its listener, but process');
});

test.concurrent('a server that has closed its listener and waits can be started beside', async () => {
  const command = ['node', fixture('graceful.cjs'), `${somePort()}`];
  const { runs } = await restart(['--stop-timeout', '1s'], command);
  expect(runs[0]?.evidence?.explanation).toContain('a second start beside it can listen now');
});
