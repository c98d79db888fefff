import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { tryBind } from '../../../src/diagnose/bind-probe.ts';
import { Ending } from '../../../src/diagnose/ending/ending.ts';
import { harmless } from '../../../src/foreign.ts';
import { thisMachine } from '../../../src/lab/hosts/host.ts';
import { listener } from '../../support/advice.ts';
import { asNobody, missing, noRoot } from '../../support/machine.ts';
import { programPath } from '../../support/program.ts';
import { unless } from '../../support/skips.ts';
import { listening, somePort, timeWait } from '../../support/sockets.ts';
import { Terminal } from '../../support/terminal.ts';
import { isAlive, kill, start, started } from './killing.ts';

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
