import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { runCommandDocument } from '../../src/report/documents/run-command.ts';
import { asNobody, missing, noRoot } from '../support/machine.ts';
import { Program, programPath, readProc, tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { listening, somePort, timeWait } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Terminal } from '../support/terminal.ts';

const folder = temporaryFolder('tcpclose-run', 0o777);

let files = 0;
function file(name: string, text = ''): string {
  const path = join(folder, `${++files}-${name}`);
  if (text !== '') writeFileSync(path, text);
  return path;
}

/** Runs a command, and gives what is said of it, as a document and in words. */
async function run(...command: readonly string[]) {
  const path = file('run.json');
  const reporters = ['--reporter', 'text', '--reporter', `json:${path}`];
  const finished = await tcpclose(['run', ...reporters, '--', ...command]);
  const document = v.parse(runCommandDocument, JSON.parse(readFileSync(path, 'utf8')));
  expect(document.watching).toEqual({ state: 'on' });
  return {
    ...finished,
    said: finished.stderr.replaceAll(/\n +/g, ' '),
    document,
    failures: document.failures,
  };
}

const python = (script: string) => run('python3', '-c', `import socket, os, sys, time\n${script}`);

describe('at the moment of a failed bind', () => {
  test('another test file that has the port is named, with its command', async () => {
    const port = somePort();
    const tried = join(folder, 'tried');
    // Whoever has the port keeps it until the other has tried to bind, however late that starts.
    const body = `
      const { existsSync, writeFileSync } = require('node:fs');
      const { test } = require('node:test');
      test('listens', (_, done) => {
        const server = require('node:net').createServer();
        server.on('error', (error) => { writeFileSync('${tried}', ''); done(error); });
        server.listen(${port}, '127.0.0.1', () => {
          const polling = setInterval(() => {
            if (!existsSync('${tried}')) return;
            clearInterval(polling);
            server.close();
            done();
          }, 50);
        });
      });`;
    const [one, two] = [file('one.test.cjs', body), file('two.test.cjs', body)];
    const { failures, document, said, status } = await run(
      ...[process.execPath, '--test', '--test-concurrency=2', one, two],
    );
    expect(status).toBe(1);
    expect(document).toMatchObject({ status: 1, signal: null });
    // With SO_REUSEADDR both binds pass if neither listens yet: then a listen fails.
    expect(failures).toMatchObject([
      { kind: 'this run', result: 'EADDRINUSE', port, protocol: 'TCP', times: 1 },
    ]);
    const [failure] = failures;
    const named = `${failure?.command} ${failure?.holders[0]?.command}`;
    expect(named).toContain(one);
    expect(named).toContain(two);
    expect(failure?.holders).toMatchObject([{ relation: 'this run', states: ['LISTEN'] }]);
    expect(said).toContain('another process of this run has the port');
    expect(said).toContain('1 bind failed below the command');
  });

  test('of two that listen at the same moment one fails, however often', async () => {
    const rounds = 40;
    // Each closes its socket as soon as it has failed, as Node does.
    const { failures, stdout } = await python(`
import threading
failed = []
def listen(port, together):
  server = socket.socket(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  together.wait()
  try: server.bind(("127.0.0.1", port)); server.listen()
  except OSError: server.close(); failed.append(port)
  together.wait()
  server.close()
for _ in range(${rounds}):
  free = socket.socket(); free.bind(("127.0.0.1", 0)); port = free.getsockname()[1]; free.close()
  together = threading.Barrier(2)
  two = [threading.Thread(target=listen, args=(port, together)) for _ in range(2)]
  for one in two: one.start()
  for one in two: one.join()
print(len(failed))`);
    const failed = Number(stdout);
    expect(failed).toBeGreaterThanOrEqual(rounds / 2);
    expect(failures.reduce((sum, { times }) => sum + times, 0)).toBe(failed);
  });

  test('a Node process that listens twice is one failure', async () => {
    const port = somePort();
    const script = `
      const { createServer } = require('node:net');
      const first = createServer().listen(${port}, () => {
        createServer().on('error', ({ code }) => { console.log(code); first.close(); }).listen(${port});
      });`;
    const { failures, stdout, status } = await run(process.execPath, '-e', script);
    expect({ stdout, status }).toEqual({ stdout: 'EADDRINUSE\n', status: 0 });
    expect(failures).toMatchObject([
      { kind: 'same process', times: 1, holders: [{ relation: 'same process' }] },
    ]);
  });

  test('a holder outside of the run is named', async () => {
    const { server, port } = await listening();
    try {
      const { failures } = await python(`
try: socket.socket().bind(("127.0.0.1", ${port}))
except OSError as error: print(error)`);
      expect(failures).toMatchObject([
        { kind: 'outside', holders: [{ pid: process.pid, states: ['LISTEN'] }] },
      ]);
    } finally {
      server.close();
    }
  });

  test('an earlier start of the same command is known as one', async () => {
    const port = somePort();
    const server = file(
      'server.py',
      `import socket, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", ${port})); s.listen(); print("up", flush=True); time.sleep(60)`,
    );
    const { failures } = await python(`
import subprocess
start = lambda: subprocess.Popen([sys.executable, ${JSON.stringify(server)}], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
first = start(); first.stdout.readline()
start().wait(); first.kill()`);
    expect(failures).toMatchObject([{ kind: 'earlier start', holders: [{ relation: 'this run' }] }]);
    expect(failures[0]?.holders[0]?.boundMsBefore).toBeGreaterThanOrEqual(0);
  });

  test('an outgoing connection on the port is not taken for a server', async () => {
    const port = somePort();
    const { failures } = await python(`
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen()
client = socket.socket(); client.bind(("127.0.0.1", ${port})); client.connect(server.getsockname())
try: socket.socket().bind(("127.0.0.1", ${port}))
except OSError as error: print(error)`);
    expect(failures).toMatchObject([{ kind: 'outgoing connection', holders: [{ states: ['ESTABLISHED'] }] }]);
  });

  test('leftovers without SO_REUSEADDR are reported with that remedy, and pass with it', async () => {
    const port = await timeWait();
    const { failures, stdout } = await python(`
try: socket.socket().bind(("127.0.0.1", ${port}))
except OSError as error: print(error.errno)`);
    expect(stdout).toBe('98\n');
    expect(failures).toMatchObject([
      { kind: 'leftover', reuseAddress: false, holders: [], remedy: 'set SO_REUSEADDR before bind()' },
    ]);
  });

  test('a port that was asked for, closed, and taken by another is a gap', async () => {
    const { failures, said } = await python(`
asked = socket.socket(); asked.bind(("127.0.0.1", 0)); asked.listen(); port = asked.getsockname()[1]; asked.close()
if os.fork() == 0:
  other = socket.socket(); other.bind(("127.0.0.1", port)); other.listen(); time.sleep(60)
while True:
  probe = socket.socket()
  if probe.connect_ex(("127.0.0.1", port)) == 0: break
  time.sleep(0.02)
try: socket.socket().bind(("127.0.0.1", port))
except OSError: pass
os.system("kill $(ps -o pid= --ppid %d | head -1)" % os.getpid())`);
    expect(failures).toMatchObject([{ kind: 'this run', asked: { pid: expect.any(Number), port: 'seen' } }]);
    expect(said).toContain('. This process had been given that port as a free one');
  });

  test('the same without a listen is reported as not seen, and only if a free port was requested', async () => {
    const [fixed, later] = [somePort(), somePort()];
    const { failures, said } = await python(`
def take(port):
  taken = socket.socket(); taken.bind(("127.0.0.1", port)); taken.listen()
  try: socket.socket().bind(("127.0.0.1", port))
  except OSError: pass
take(${fixed})
asked = socket.socket(); asked.bind(("127.0.0.1", 0)); port = asked.getsockname()[1]; asked.close()
take(port); take(${later})`);
    expect(failures).toMatchObject([
      { kind: 'same process', port: fixed, asked: null },
      { kind: 'same process', asked: { pid: expect.any(Number), port: 'not seen' } },
      { kind: 'same process', port: later, asked: null },
    ]);
    expect(said).toContain('. This process had asked for a free port');
  });

  test('a bind is reported right after another one whose process continues, though its socket is gone at once', async () => {
    const port = somePort();
    const { failures } = await python(`
if os.fork() == 0:
  while True:
    probe = socket.socket()
    if probe.connect_ex(("127.0.0.1", ${port})) == 0: break
    probe.close()
  try: socket.socket().bind(("127.0.0.1", ${port}))
  except OSError: pass
  os._exit(0)
server = socket.socket(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", ${port})); server.listen()
end = time.time() + 0.8
while time.time() < end: pass
os.wait()`);
    expect(failures).toMatchObject([{ kind: 'this run', result: 'EADDRINUSE', seen: 'while it waited' }]);
  });

  test('of two simultaneous binds the one that fails is reported, with the process that was first', async () => {
    const { failures } = await python(`
import threading
barrier, sockets = threading.Barrier(2), []
def bind():
  sockets.append(socket.socket()); mine = sockets[-1]; barrier.wait()
  try: mine.bind(("127.0.0.1", ${somePort()}))
  except OSError: pass
  time.sleep(0.5)
threads = [threading.Thread(target=bind) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()`);
    expect(failures).toMatchObject([{ kind: 'same process', holders: [{ relation: 'same process' }] }]);
  });

  test('repeated failures are printed once and counted', async () => {
    const { server, port } = await listening();
    try {
      const { failures, said } = await python(`
for _ in range(5):
  try: socket.socket().bind(("127.0.0.1", ${port}))
  except OSError: pass`);
      expect(failures).toMatchObject([{ times: 5 }]);
      expect(said.match(/bind of pid/g)).toHaveLength(1);
      expect(said).toContain('5 binds failed below the command');
    } finally {
      server.close();
    }
  });

  test('a run without a failure says nothing', async () => {
    const { stderr, status } = await tcpclose(['run', '--', 'true']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});

describe('the command is itself', () => {
  test('input, outputs and status are the same byte by byte', () => {
    const script = 'cat; printf "\\377\\000\\033[1m"; printf "\\376err" >&2; exit 7';
    const input = Buffer.from([0, 255, 10, 13, 27, 128]);
    const [program = '', ...args] = ['sh', '-c', script];
    const alone = spawnSync(program, args, { input });
    const below = spawnSync(process.execPath, [programPath, 'run', '--', program, ...args], { input });
    expect([below.stdout, below.stderr, below.status]).toEqual([alone.stdout, alone.stderr, alone.status]);
    expect(below.status).toBe(7);
  });

  test.each([
    ['a signal that ends it', ['sh', '-c', 'kill -KILL $$'], 137],
    ['a program that is not there', ['no-such-program'], 127],
    ['a file that may not be executed', [folder], 126],
  ])('status after %s', async (_, command, expected) => {
    expect((await tcpclose(['run', '--', ...command])).status).toBe(expected);
  });

  test('SIGTERM to tcpclose is passed on, and the command decides', async () => {
    const script = 'trap "echo asked; exit 5" TERM; echo up; while :; do sleep 0.1; done';
    const program = new Program(['run', '--', 'sh', '-c', script]);
    await program.says('up');
    program.child.kill('SIGTERM');
    expect(await program.finished()).toMatchObject({ stdout: 'up\nasked\n', status: 5 });
  });

  test('nothing is left after SIGKILL of tcpclose, sessions of their own included', async () => {
    const program = new Program(['run', '--', 'sh', '-c', '(setsid sleep 300 &); sleep 301 & echo up; wait']);
    await program.says('up');
    program.child.kill('SIGKILL');
    expect(await program.leftAfter(20_000)).toEqual([]);
  });

  test('what the command leaves behind can still bind, and ends as it would without the watch', async () => {
    const path = file('daemon.txt');
    const [go, port] = [file('go'), somePort()];
    const script = `import os, socket, time
if os.fork(): os._exit(3)
os.setsid()
for fd in range(3): os.close(fd)
while not os.path.exists(${JSON.stringify(go)}): time.sleep(0.02)
try: socket.socket().bind(("127.0.0.1", ${port})); result = "bound"
except OSError as error: result = str(error)
open(${JSON.stringify(path)}, "w").write(result)`;
    const program = new Program(['run', '--', 'python3', '-c', script]);
    expect((await program.finished()).status).toBe(3);
    expect(program.processes().join()).toContain('python3');
    writeFileSync(go, 'now');
    expect(await program.leftAfter(20_000)).toEqual([]);
    expect(existsSync(path) && readFileSync(path, 'utf8')).toBe('bound');
  });

  describe('on a terminal', unless(missing('tmux')), () => {
    // What it was sent is told when it ends, long after a second SIGINT would have come.
    const drains = `
let count = 0;
require('node:child_process').spawn('sh', ['-c', 'trap "" INT; sleep 300'], { detached: true, stdio: 'ignore' });
const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log('up'));
const end = () => { console.log('signals=' + count); process.exit(40 + count); };
process.on('SIGINT', () => {
  console.log('draining');
  if (++count === 2) return end();
  server.close();
  if (process.argv[2] === 'once') setTimeout(end, 700);
});
setTimeout(() => {}, 300000);`;

    test.each([
      ['one Ctrl-C', 'once', 1],
      ['a second Ctrl-C while it drains', 'twice', 2],
    ])(
      '%s reaches it exactly, its own status is kept, and the shell is at its prompt',
      async (_, how, times) => {
        const script = file('drains.cjs', drains);
        const terminal = new Terminal();
        const mark = `DRAINING_TEST=${script}`;
        try {
          await terminal.shows(/ready>/);
          terminal.type(`clear; env ${mark} tcpclose run -- node ${script} ${how}; echo status=$?`, 'Enter');
          await terminal.shows(/^up$/m);
          terminal.type('C-c');
          if (how === 'twice') {
            await terminal.shows(/draining$/m);
            terminal.type('C-c');
          }
          const screen = await terminal.shows(/^status=\d+\nready>/m);
          expect(screen.match(/draining$/gm)).toHaveLength(times);
          expect(screen).toContain(`signals=${times}\nstatus=${40 + times}\nready>`);
          // Its daemon was told to go on: it does, with the process that answers it, and nothing else.
          const left = markedProcesses(mark);
          expect(left.map(({ command }) => command.replace(/^\S*\//, '')).sort()).toEqual([
            expect.stringMatching(/^node .*supervisor\.cjs below/),
            'sh -c trap "" INT; sleep 300',
            'sleep 300',
          ]);
        } finally {
          terminal.close();
          for (const { pid } of markedProcesses(mark).filter(({ command }) => command.includes('sleep')))
            process.kill(pid, 'SIGKILL');
        }
        await expect.poll(() => markedProcesses(mark), { timeout: 20_000 }).toEqual([]);
      },
    );
  });
});

/** Those with that in their environment. */
function markedProcesses(mark: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && readProc(`${entry}/environ`).split('\0').includes(mark))
    .map((pid) => ({
      pid: Number(pid),
      command: readProc(`${pid}/cmdline`).replaceAll('\0', ' ').trimEnd(),
    }));
}

describe('an ordinary user', unless(noRoot), () => {
  test('also learns which process holds the port, and which port it may not bind', async () => {
    const { server, port } = await listening();
    try {
      const script = `import socket
for port in (${port}, 81):
  try: socket.socket().bind(("127.0.0.1", port))
  except OSError as error: print(error.errno)`;
      const prefix = { prefix: asNobody, cwd: folder };
      const { stdout, stderr } = await tcpclose(['run', '--', 'python3', '-c', script], prefix);
      const said = stderr.replaceAll(/\n +/g, ' ');
      expect(stdout).toMatch(/^98\n/);
      expect(said).toContain(`to 127.0.0.1:${port} fails: Address already in use (EADDRINUSE)`);
      if (stdout === '98\n13\n') expect(said).toContain('(EACCES): this user may not bind it');
    } finally {
      server.close();
    }
  });

  test('a command that names a setuid program runs with its privileges, and the report says that only Node is watched', async () => {
    const setuid = join(folder, 'id-of-root');
    copyFileSync('/usr/bin/id', setuid);
    chmodSync(setuid, 0o4755);
    const prefix = { prefix: asNobody, cwd: folder };
    const named = await tcpclose(['run', '--', setuid, '-u'], prefix);
    expect(named).toMatchObject({ stdout: '0\n', status: 0 });
    expect(named.stderr.replaceAll(/\n +/g, ' ')).toContain('only binds of Node are watched:');
    const hidden = file('hidden.sh', `exec ${setuid} -u`);
    const below = await tcpclose(['run', '--', 'sh', hidden], prefix);
    expect(below).toMatchObject({ stdout: '65534\n', status: 0 });
    expect(below.stderr.replaceAll(/\n +/g, ' ')).toContain(
      `${setuid} runs without the privileges that it would gain`,
    );
    const { stderr: json } = await tcpclose(['run', '--json', '--', 'sh', hidden], prefix);
    expect(JSON.parse(json)).toMatchObject({
      watching: { state: 'on' },
      disturbed: [expect.stringMatching(/run tcpclose as root, or start it without tcpclose$/)],
    });
  });
});
