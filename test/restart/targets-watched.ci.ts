import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { signalChild } from '../../src/native/signal.ts';
import { tcpclose } from '../support/program.ts';
import { fixture, restart } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-watched');

const tsx = join(import.meta.dirname, '../../node_modules/.bin/tsx');
const path = join(folder, 'server.sock');

describe.each([
  ['calls', []],
  ['table', ['--no-watch']],
] as const)('the listener is found by the %s', (seenBy, options) => {
  test.each([
    ['of one port', ['node', fixture('plain.cjs')], 0],
    ["beside a tool's own Unix socket", [tsx, fixture('slow.cjs')], 1],
    ['behind a shell', ['sh', '-c', `python3 ${fixture('plain.py')} "$0" & wait`], 0],
  ])('%s', async (_, command, others) => {
    const port = somePort();
    const { port: found, runs } = await restart(options, [...command, `${port}`]);
    expect([found, runs[0]?.target?.seenBy]).toEqual([port, seenBy]);
    expect(runs[0]?.otherListeners.map((other) => other.seenBy)).toEqual(Array(others).fill(seenBy));
  });

  test('of a Unix socket', async () => {
    const script = `require('fs').rmSync('${path}', { force: true });
      require('net').createServer((s) => s.resume()).listen('${path}');`;
    const document = await restart(options, ['node', '-e', script]);
    expect(document).toMatchObject({ port: null, path, runs: [{ target: { seenBy } }] });
  });

  test('of two ports, the metrics first, with a question', async () => {
    const [metrics, own] = [somePort(), somePort()];
    const command = ['python3', fixture('two-ports.py'), `${metrics}`, `${own}`, '0.1'];
    const { stderr, status } = await tcpclose(['restart', ...options, '--', ...command]);
    expect(stderr).toContain(': choose one, such as --port');
    for (const port of [metrics, own]) expect(stderr).toContain(`127.0.0.1:${port} (pid `);
    expect(status).toBe(2);
  });
});

describe('with its calls', () => {
  test('a port that is bound is waited for until it listens, beside one that listens at once', async () => {
    const [metrics, own] = [somePort(), somePort()];
    const command = ['python3', fixture('late-listen.py'), `${metrics}`, `${own}`, '4'];
    const { stderr, status } = await tcpclose(['restart', '--', ...command]);
    // In the order in which they came to listen.
    expect(stderr).toMatch(
      new RegExp(`:${metrics} \\(.*:${own} \\(.*: choose one, such as --port ${metrics}`, 's'),
    );
    expect(status).toBe(2);
  });

  test('a command that never listens is abandoned at the end of --timeout', async () => {
    const [metrics, own] = [somePort(), somePort()];
    const command = ['python3', fixture('late-listen.py'), `${metrics}`, `${own}`, 'never'];
    const document = await restart(['--timeout', '4s'], command);
    expect(document).toMatchObject({ port: metrics, verdict: 'survives' });
  });

  test('the process that opened a listener is named, whoever else holds it', async () => {
    const port = somePort();
    const document = await restart([], ['python3', fixture('workers.py'), `${port}`]);
    const [run] = document.runs;
    const listen = run?.calls.find(({ call }) => call === 'listen');
    expect(run?.target).toMatchObject({ seenBy: 'calls', openedBy: { pid: listen?.pid } });
  });

  test('a listener that no call of the command has opened is found by the table', async () => {
    const [port, rendezvous] = [somePort(), join(folder, 'rendezvous.sock')];
    const lender = spawn('python3', [fixture('borrowed.py'), 'lend', rendezvous, `${port}`]);
    try {
      await once(lender.stdout, 'data');
      const document = await restart([], ['python3', fixture('borrowed.py'), 'serve', rendezvous]);
      expect(document).toMatchObject({ port, verdict: 'survives' });
      expect(document.runs[0]).toMatchObject({
        watching: { state: 'on' },
        target: { seenBy: 'table', openedBy: null },
      });
    } finally {
      signalChild(lender, 'SIGKILL');
      await once(lender, 'close');
    }
  });

  test('a second start that opens another port first, and has bound its own, is waited for', async () => {
    const [port, extra, flag] = [somePort(), somePort(), join(folder, 'started')];
    const script = `import os, socket, time
def bound(port):
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("127.0.0.1", port))
    return one
own = bound(${port})
if os.path.exists("${flag}"):
    other = bound(${extra})
    other.listen(8)
    time.sleep(3)
open("${flag}", "w").close()
own.listen(8)
kept = []
while True:
    kept.append(own.accept()[0])`;
    const document = await restart([], ['python3', '-c', script]);
    expect(document).toMatchObject({ port, verdict: 'survives' });
  });
});
