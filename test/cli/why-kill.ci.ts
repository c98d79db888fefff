import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { tryBind } from '../../src/diagnose/bind-probe.ts';
import type { Diagnosis } from '../../src/diagnose/diagnosis.ts';
import { Ending } from '../../src/diagnose/ending/ending.ts';
import { planEnding } from '../../src/diagnose/ending/plan.ts';
import { harmless } from '../../src/foreign.ts';
import { thisMachine } from '../../src/lab/hosts/host.ts';
import type { WhyDocument } from '../../src/report/documents/why.ts';
import { listener } from '../support/advice.ts';
import { asNobody, missing, noRoot } from '../support/machine.ts';
import { programPath, readProc, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import { listening, somePort, timeWait } from '../support/sockets.ts';
import { Terminal } from '../support/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'why-kill-'));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts a program in a session of its own; it says `up` when it listens. */
async function start([program = '', ...args]: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await once(child.stdout ?? child, 'data');
  return child;
}

async function kill(port: number, args: readonly string[] = [], prefix: readonly string[] = []) {
  const { stdout, stderr, status } = await tcpclose(
    ['why', `${port}`, '--kill', '--yes', '--json', ...args],
    {
      prefix,
    },
  );
  expect(stderr).toBe('');
  const document: WhyDocument = JSON.parse(stdout);
  expect(schemaErrors('why', document)).toEqual([]);
  return { document, status };
}

const isAlive = (pid: number | undefined) => /^State:\s+[RSDT]/m.test(readProc(`${pid}/status`));

describe('why --kill --yes', () => {
  test('names the process that has the port after the holder, and its parent', async () => {
    const port = somePort();
    // It passes the listener on as it ends, and what it leaves behind becomes the child of the first.
    const server = `
import os, signal, socket
s = socket.socket(); s.bind(('127.0.0.1', ${port})); s.listen()
def leave(*_):
    if os.fork(): os._exit(0)
signal.signal(signal.SIGTERM, leave)
print('up', flush=True)
while True: signal.pause()`;
    const first = `
import ctypes, signal, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
subprocess.run(sys.argv[1:]); signal.pause()`;
    const parent = await start(['python3', '-c', first, 'python3', '-c', server]);
    const { document, status } = await kill(port, ['--wait', '1s']);
    const [successor] = document.holders.flatMap(({ processes }) => processes);
    process.kill(successor?.pid ?? 0, 'SIGKILL');
    parent.kill('SIGKILL');
    expect([document.verdict, status]).toEqual(['held', 1]);
    expect(document.notices[0]).toContain(`pid ${successor?.pid} `);
    expect(document.notices[0]).toMatch(
      new RegExp(`pid ${parent.pid} .* is its parent, and may start the next`),
    );
  });

  test('ends the holder, and exits with 0 when the port can be bound', async () => {
    const port = somePort();
    const server = await start(listener(port));
    const { document, status } = await kill(port);
    expect(document.ended).toMatchObject({
      processes: [{ pid: server.pid, role: 'holder', result: 'ended' }],
      boundAfterMs: expect.any(Number),
    });
    expect([status, document.situation]).toEqual([0, 'free']);
    expect(isAlive(server.pid)).toBe(false);
    expect(tryBind('0.0.0.0', port).withoutReuseAddress).toBe('ok');
  });

  test('ends the watcher as well', async () => {
    const port = somePort();
    const file = join(folder, 'server.cjs');
    writeFileSync(
      file,
      `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`,
    );
    const watcher = await start([process.execPath, '--watch', file]);
    const { document, status } = await kill(port);
    expect(document.ended?.processes).toMatchObject([
      { pid: watcher.pid, role: 'watcher', result: 'ended' },
      { role: 'holder' },
    ]);
    expect(status).toBe(0);
    expect(isAlive(watcher.pid)).toBe(false);
  });

  describe.each([
    ['a loop of a shell', (server: string) => ['sh', '-c', `while :; do ${server}; sleep 0.3; done`]],
    ['a loop with a long pause', (server: string) => ['sh', '-c', `while :; do ${server}; sleep 5; done`]],
    [
      'a program that nobody knows as a watcher',
      (server: string) => [
        process.execPath,
        '-e',
        `const start = () => require('child_process').spawn('sh', ['-c', process.argv[1]], { stdio: 'inherit' }).on('exit', () => setTimeout(start, 700)); start()`,
        `exec ${server}`,
      ],
    ],
  ])('of %s', (_, loopOf) => {
    test('ends the loop when it reveals itself by starting the holder again', async () => {
      const port = somePort();
      const file = join(folder, `server-${port}.cjs`);
      writeFileSync(
        file,
        `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`,
      );
      const loop = await start(loopOf(`${process.execPath} ${file}`));
      const { document, status } = await kill(port);
      expect(document.ended?.processes).toMatchObject([
        { role: 'holder', result: 'ended' },
        { pid: loop.pid, role: 'watcher', result: 'ended' },
        { role: 'holder', result: 'ended' },
      ]);
      expect([status, document.situation]).toEqual([0, 'free']);
      expect(isAlive(loop.pid)).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(tryBind('0.0.0.0', port).withoutReuseAddress).toBe('ok');
    });
  });

  test(
    'spares a process that has forked the holder, as a test or a notebook does',
    unless(missing('python3')),
    async () => {
      const port = somePort();
      const script = `import os, signal, socket
if os.fork() == 0:
  server = socket.socket(); server.bind(("127.0.0.1", ${port})); server.listen(); print("up", flush=True)
  signal.pause()
os.wait(); signal.pause()`;
      const parent = await start(['python3', '-c', script]);
      const { document, status } = await kill(port);
      expect(document.ended?.processes).toMatchObject([{ role: 'holder', result: 'ended' }]);
      expect([isAlive(parent.pid), status]).toEqual([true, 0]);
      parent.kill('SIGKILL');
      // It may start another one at any time.
      expect(document.ended?.starters).toMatchObject([{ pid: parent.pid }]);
      expect(document.ended?.watchedMs).toBeGreaterThanOrEqual(3000);
      expect(document.notices).toMatchObject([
        expect.stringMatching(
          `^Nothing took the port again within 3.* s\\. pid ${parent.pid} .* still runs: it may do so later\\. Look again with "tcpclose why ${port}"\\.$`,
        ),
      ]);
    },
  );

  test(
    'ends a reloader that has started its own command line again',
    unless(missing('python3')),
    async () => {
      const port = somePort();
      const file = join(folder, 'reloader.py');
      writeFileSync(
        file,
        `import os, signal, socket, subprocess, sys
if os.environ.get('RELOADED'):
  server = socket.socket(); server.bind(("127.0.0.1", ${port})); server.listen(); print("up", flush=True)
  signal.pause()
while True: subprocess.run(['python3', *sys.argv], env={**os.environ, 'RELOADED': '1'})`,
      );
      const parent = await start(['python3', file]);
      const { document, status } = await kill(port);
      expect(document.ended?.processes).toMatchObject([
        { pid: parent.pid, role: 'watcher' },
        { role: 'holder' },
      ]);
      expect([isAlive(parent.pid), status]).toEqual([false, 0]);
    },
  );

  test(
    'does not call a port free if a server is started there again',
    unless(missing('python3')),
    async () => {
      const port = somePort();
      // A fork and no new program: on a busy machine the start of Node takes longer than the last look waits.
      const script = `import os, signal, socket
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
  if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    server = socket.socket(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", ${port})); server.listen(); print("up", flush=True)
    signal.pause()
  os.wait()`;
      const loop = await start(['python3', '-c', script]);
      const { document, status } = await kill(port, ['--wait', '3s']);
      loop.kill('SIGKILL');
      for (const { pids } of document.holders) for (const pid of pids) process.kill(pid, 'SIGKILL');
      // It came back within the time, or the port was free for a moment only.
      expect([document.situation, status]).toEqual(['held', 1]);
    },
  );

  test('continues a stopped process, which could not end otherwise', async () => {
    const port = somePort();
    const server = await start(listener(port));
    server.kill('SIGSTOP');
    const { document, status } = await kill(port);
    expect(document.ended?.processes).toMatchObject([{ pid: server.pid, result: 'ended' }]);
    expect(status).toBe(0);
  });

  test('reports that a process which ignores SIGTERM is still there', async () => {
    const port = somePort();
    const server = await start(listener(port, "process.on('SIGTERM', () => {})"));
    const { document, status } = await kill(port, ['--wait', '500ms']);
    expect(document.ended).toMatchObject({
      processes: [{ pid: server.pid, result: 'still there' }],
      boundAfterMs: null,
    });
    expect([status, isAlive(server.pid)]).toEqual([1, true]);
  });

  test('does not end its own ancestors', async () => {
    const port = somePort();
    const script = `
      const { execFile } = require('child_process');
      require('net').createServer().listen(${port}, '127.0.0.1', () =>
        execFile(process.execPath, ['${programPath}', 'why', '${port}', '--kill', '--yes', '--json'], (error, stdout) => {
          console.log(JSON.stringify([error?.code ?? 0, JSON.parse(stdout).ended]));
          process.exit();
        }));`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    const [line] = await once(child.stdout, 'data');
    const [status, ended] = JSON.parse(String(line));
    expect(status).toBe(1);
    expect(ended).toMatchObject({ processes: [], refused: [{ pid: child.pid }] });
  });

  test('has nothing to end if no process holds the port', async () => {
    const { document, status } = await kill(await timeWait());
    expect(document.ended).toMatchObject({ processes: [], commands: [], refused: [] });
    expect(status).toBe(1);
  });

  test('leaves a free port free', async () => {
    expect((await kill(somePort())).status).toBe(0);
  });

  test('does not end processes of other users', unless(noRoot), async () => {
    const { server, port } = await listening();
    const { document, status } = await kill(port, [], asNobody);
    expect(document.ended?.processes).toEqual([]);
    expect(document.steps.map(({ command }) => command).join()).toContain('sudo');
    expect(status).toBe(1);
    server.close();
  });
});

describe('on a terminal of 80 columns and 24 lines', unless(missing('tmux')), () => {
  test('it asks first, and ends nothing without a yes', async () => {
    const port = somePort();
    const server = await start(listener(port));
    // The question, the reply and the answer below them: more than the 24 lines that the answer alone fits into.
    const terminal = new Terminal(80, { rows: 50 });
    await terminal.shows(/ready>/);
    terminal.type('-l', `tcpclose why ${port} --kill; echo status=$?`);
    terminal.type('Enter');
    const asked = await terminal.shows(/End it\? \[y\/N\]/);
    expect(asked).toContain(`SIGTERM to pid ${server.pid} `);
    terminal.type('n', 'Enter');
    const screen = await terminal.shows(/status=1/);
    expect(screen).toContain('nothing was ended');
    expect(isAlive(server.pid)).toBe(true);
    terminal.type('-l', `clear; tcpclose why ${port} --kill; echo status=$?`);
    terminal.type('Enter');
    await terminal.shows(/End it/);
    terminal.type('y', 'Enter');
    expect(await terminal.shows(/status=0/)).toContain('ended');
    expect(isAlive(server.pid)).toBe(false);
    terminal.close();
  });
});

describe('the plan', () => {
  type Parent = readonly [pid: number, command: string, relation?: 'fork' | 'exec' | null];
  const process = (pid: number, command: string, parents: readonly Parent[] = [], more = {}) => ({
    pid,
    command: harmless(command),
    user: null,
    uid: 0,
    condition: 'runs' as const,
    onTerminate: 'ends' as const,
    since: null,
    startTicks: 7,
    parents: parents.map(([pid, command, relation = 'exec']) => ({
      ...{ pid, command: harmless(command), relation },
    })),
    origins: [],
    ...more,
  });
  const unit = {
    kind: 'systemd unit',
    name: harmless('a.service'),
    stop: ['systemctl', 'stop', 'a.service'],
  };
  const own = {
    pid: 100,
    parents: [{ pid: 90, command: harmless('bash'), relation: 'exec' as const }],
    origins: [],
  };
  const planFor = (holder: ReturnType<typeof process>, mine: object = own) => {
    const holders = [{ meets: true, processes: [holder] }];
    return planEnding({ holders } as unknown as Diagnosis, { ...own, ...mine });
  };
  const pids = ({ victims }: ReturnType<typeof planFor>) => victims.map(({ pid }) => pid);

  test.each([
    [1, 'the first process'],
    [100, 'this command itself'],
    [90, 'runs below it'],
  ])('never ends pid %d', (pid, reason) => {
    const { victims, refused } = planFor(process(pid, 'x'));
    expect(victims).toEqual([]);
    expect(refused).toMatchObject([{ pid, reason: expect.stringContaining(reason) }]);
  });

  test.each([
    ['nodemon', 'node /usr/bin/nodemon server.js'],
    ['node --watch', 'node --watch server.js'],
    ['tsx watch', 'node /x/tsx watch server.ts'],
    ['uvicorn --reload', 'python /usr/bin/uvicorn app:app --reload'],
    ['a reloader with the same command line', 'node server.js'],
  ])('has %s before its child', (_, command) => {
    expect(pids(planFor(process(50, 'node server.js', [[40, command]])))).toEqual([40, 50]);
  });

  test.each([
    ['a shell', [[40, 'bash -c node server.js']]],
    ['what this command runs below', [[90, 'nodemon server.js']]],
    ['pid 1', [[1, 'node --watch server.js']]],
    ['a process that has forked it', [[40, 'node server.js', 'fork']]],
    ['a process of which that is not known', [[40, 'node server.js', null]]],
  ] as const)('leaves %s alone', (_, parents) => {
    expect(pids(planFor(process(50, 'node server.js', [...parents] as Parent[])))).toEqual([50]);
  });

  test('stops a systemd unit by its command, and not the one that it runs in itself', () => {
    const holder = process(50, 'node server.js', [], { origins: [unit] });
    expect(planFor(holder)).toMatchObject({ victims: [], managers: [{ words: unit.stop }] });
    expect(pids(planFor(holder, { origins: [unit] }))).toEqual([50]);
  });
});

test.each([
  ['was started at another time', 1, 1],
  ['is younger than what it would have started', null, 1],
  ['has another command line', null, Number.MAX_SAFE_INTEGER],
])('a process with the pid of a victim that %s gets no signal', async (_, startTicks, notAfter) => {
  const port = somePort();
  const other = await start(listener(port));
  const victim = { pid: other.pid ?? 0, command: harmless('node server.js'), role: 'holder' } as const;
  const victims = [{ ...victim, condition: 'runs', startTicks, notAfter } as const];
  const ending = new Ending({ victims, managers: [], refused: [] });
  const { signal } = new AbortController();
  const ended = await ending.run(thisMachine, { port, host: '127.0.0.1' }, { withinMs: 100, signal });
  ending.close();
  expect(ended).toMatchObject({ processes: [{ result: 'gone' }], boundAfterMs: null });
  expect(isAlive(other.pid)).toBe(true);
});

test('a server on another port survives', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const port = somePort();
  await start(listener(port));
  expect((await kill(port)).status).toBe(0);
  expect(other.listening).toBe(true);
  other.close();
});
