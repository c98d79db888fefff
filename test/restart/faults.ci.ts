import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { descendantsOf } from '../../src/observe/processes.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { testNothingIsLeft } from '../support/killed-restarts.ts';
import { Program, readProc, tcpclose } from '../support/program.ts';
import { bindOnly, closeDescriptor, somePort, whyNoPortRange } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder('tcpclose-restart');
const fixture = (name: string) => join(import.meta.dirname, '../fixtures/servers', name);

test('megabytes of output are read, and their end is kept', async () => {
  const port = somePort();
  const flood = `process.stdout.write('x'.repeat(3e7) + '\\nthe end\\n'); require('net').createServer((s) => s.resume()).listen(${port})`;
  const { stdout, status } = await tcpclose(['restart', '--json', '--', 'node', '-e', flood]);
  expect(status).toBe(0);
  const { output } = JSON.parse(stdout).runs[0].evidence.secondStart;
  expect(output.length).toBeLessThan(100_000);
});

describe('a server whose first thread has ended is treated like any other', () => {
  const server = (port: number, ...args: string[]) => [
    'python3',
    fixture('leaderless.py'),
    `${port}`,
    ...args,
  ];

  test('it is seen, stopped and started again', async () => {
    const port = somePort();
    const { stdout, status } = await tcpclose(['restart', '--json', '--', ...server(port)]);
    expect(JSON.parse(stdout)).toMatchObject({ port, verdict: 'survives' });
    expect(status).toBe(0);
  });

  test('it is not left behind', async () => {
    const port = somePort();
    const args = ['restart', '--stop-timeout', '500ms', '--', ...server(port, 'stubborn')];
    const { stdout } = await tcpclose(args);
    expect(stdout).toContain('signal-ignored');
    expect(() => closeDescriptor(bindOnly({ port }).fd)).not.toThrow();
  });
});

test("the port can be bound at once afterwards, even if others have connections from its clients' ports", async (context) => {
  const restart = [
    ...['restart', '--clients-close', '--clients', '5'],
    ...['--', 'python3', fixture('plain.py'), '8000'],
  ];
  const why = (await whyUnmet('namespace')) ?? whyNoPortRange();
  if (why !== null) return context.skip(why);
  const prepare =
    'ip link set lo up || ifconfig lo up; echo 40000 40009 >/proc/sys/net/ipv4/ip_local_port_range; exec "$@"';
  const own = ['unshare', '--user', '--map-root-user', '--net', 'sh', '-c', prepare, 'sh'];
  const crowded = [process.execPath, join(import.meta.dirname, '../fixtures/crowded.cjs')];
  const twice = ['sh', '-c', '"$@"; "$@"', 'sh'];
  const { stdout, stderr } = await tcpclose(restart, { prefix: [...own, ...crowded, ...twice] });
  expect(stderr).toBe('');
  expect(stdout.match(/: no-reuse-address\n/g)).toHaveLength(2);
});

testNothingIsLeft([100, 300, 600, 1000, 1500]);

test('a command that kills its supervisor and the guard of that is still ended', async () => {
  const port = somePort();
  const server = `
    const { ppid } = process;
    const stat = require('fs').readFileSync('/proc/' + ppid + '/stat', 'utf8');
    const guard = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    require('net').createServer().listen(${port});
    setTimeout(() => { for (const pid of [guard, ppid]) process.kill(pid, 'SIGSTOP'); }, 200);
    setTimeout(() => { for (const pid of [guard, ppid]) process.kill(pid, 'SIGKILL'); }, 300);`;
  const program = new Program(['restart', '--', process.execPath, '-e', server]);
  const { stderr, status } = await program.finished();
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(status).toBe(2);
  expect(await program.leftAfter(10_000)).toEqual([]);
});

test('a supervisor that hangs in its own start is not waited for without end', async () => {
  const program = await stoppedInItsStart();
  const { stderr, status } = await program.finished();
  expect(stderr).toMatch(/^tcpclose: [^\n]*could not start[^\n]+\n$/);
  expect(status).toBe(2);
  expect(await program.leftAfter(10_000)).toEqual([]);
});

test('an expression for --ready that never comes to an end is named long before --timeout', async () => {
  const server = `require('net').createServer().listen(${somePort()}, () => console.log('${'a'.repeat(50)}!'))`;
  const args = ['restart', '--timeout', '300s', '--ready', '(a+)+$', '--', process.execPath, '-e', server];
  const program = new Program(args);
  const { stderr, status } = await program.finished();
  expect(stderr).toMatch(/^tcpclose: [^\n]*--ready "\(a\+\)\+\$" takes more than 1 s [^\n]+\n$/);
  expect(status).toBe(2);
  expect(await program.leftAfter(10_000)).toEqual([]);
});

test('interrupted by Ctrl-C it reports how many of several rounds there were', async () => {
  const file = join(folder, 'starts');
  const starts = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
  const command = ['sh', '-c', `echo >> ${file}; exec node ${fixture('plain.cjs')} ${somePort()}`];
  const program = new Program(['restart', '--rounds', '1000', '--', ...command]);
  await until('the third round', () => starts() > 4);
  program.child.kill('SIGINT');
  const { stdout, status } = await program.finished();
  expect(status).toBe(130);
  expect(stdout).toMatch(/\n {2}interrupted \(SIGINT\) after [23] of 1000 rounds\n/);
});

test('descriptors that run out are not blamed on the port', async () => {
  const prefix = ['sh', '-c', 'ulimit -n 60; exec "$@"', 'sh'];
  const command = ['node', fixture('plain.cjs'), `${somePort()}`];
  const { stderr, status } = await tcpclose(['restart', '--clients', '100', '--', ...command], { prefix });
  expect(stderr).toMatch(
    /^tcpclose: client \d+ of 100 cannot connect, .* \(EMFILE\): raise the limit with "ulimit -n"/,
  );
  expect(status).toBe(2);
});

/** A restart whose supervisor was stopped before it had started anything. On a busy machine a stop may come too late: then it starts again. */
async function stoppedInItsStart(attempts = 10): Promise<Program> {
  const program = new Program(['restart', '--', 'sleep', '60']);
  // Stopped before its execve(2) it would hold up the very fork of its parent.
  const supervisors = () =>
    descendantsOf(program.child.pid ?? 0).filter(({ pid }) =>
      readProc(`${pid}/cmdline`).includes('supervisor'),
    );
  await until('the supervisor', () => supervisors().length > 0);
  const [first] = supervisors();
  if (first !== undefined) process.kill(first.pid, 'SIGSTOP');
  if (supervisors().length === 1) return program;
  if (first !== undefined) process.kill(first.pid, 'SIGCONT');
  program.child.kill('SIGKILL');
  await program.finished();
  if (attempts === 1) throw new Error('each stop came too late');
  return stoppedInItsStart(attempts - 1);
}
