import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tcpclose } from '../support/program.ts';
import { listening, somePort, timeWait } from '../support/sockets.ts';
import { file, folder, python, run } from './runs.ts';

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
