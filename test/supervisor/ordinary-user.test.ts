/** What an ordinary user can watch, and what not; spoken to a supervisor in its own protocol, since only that runs as the user. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { lineSplitter } from '../../src/lines.ts';
import { supervisorProgram } from '../../src/package.ts';
import type { Call } from '../../src/supervisor/calls/call.ts';
import type { Report } from '../../src/supervisor/protocol.ts';
import { asNobody, noRoot } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpclose-nobody-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

/** cat, as a program that is executed with the rights of root or of its group. */
function privileged(name: string, mode: number): string {
  const path = join(folder, name);
  copyFileSync('/bin/cat', path);
  chownSync(path, 0, 0);
  chmodSync(path, mode);
  return path;
}

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const supervisor of running.splice(0)) {
    supervisor.stdin?.end();
    if (supervisor.exitCode === null) await new Promise((resolve) => supervisor.once('close', resolve));
  }
});

interface Outcome {
  readonly reports: readonly Report[];
  readonly output: string;
}

/** Runs a command below a supervisor of uid 65534: all reports until it has ended, or has been killed since watching disturbs. */
async function asOrdinaryUser(...command: readonly string[]): Promise<Outcome> {
  const [program = '', ...args] = [...asNobody, process.execPath, supervisorProgram];
  const supervisor = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(supervisor);
  const reports: Report[] = [];
  const say = (order: object) => supervisor.stdin.write(`${JSON.stringify(order)}\n`);
  const { PATH = '' } = process.env;
  const start = {
    order: 'start',
    run: 1,
    command,
    folder,
    environment: { PATH },
    ready: null,
    watch: 'calls',
  };
  return new Promise((resolve, reject) => {
    supervisor.once('error', reject);
    supervisor.stdout.setEncoding('utf8').on(
      'data',
      lineSplitter((line) => {
        const report = JSON.parse(line) as Report;
        reports.push(report);
        if (report.report === 'up') say(start);
        if (report.report === 'exited') say({ order: 'settle' });
        if (report.report === 'settled') say({ order: 'tell', run: 1 });
        if (report.report === 'output') resolve({ reports, output: report.text });
      }),
    );
  });
}

const watchingOf = ({ reports }: Outcome) => reports.find(({ report }) => report === 'watching');
const disturbanceOf = ({ reports }: Outcome) => reports.find(({ report }) => report === 'disturbed');

describe('an ordinary user', unless(noRoot), () => {
  test('has calls watched without root, with options and result', async () => {
    const port = somePort();
    const script = `import socket; s = socket.socket(); s.bind(("127.0.0.1", ${port})); s.listen()`;
    const outcome = await asOrdinaryUser('sh', '-c', `timeout 20 /usr/bin/python3 -c '${script}'; true`);
    expect(watchingOf(outcome)).toMatchObject({ state: 'on' });
    const calls = new Map<number, Call>();
    for (const report of outcome.reports)
      if (report.report === 'call') calls.set(report.call.number, report.call);
    expect([...calls.values()]).toMatchObject([
      { call: 'bind', port, result: 'ok', options: { reuseAddress: false } },
      { call: 'listen', port, result: 'ok' },
    ]);
    expect(disturbanceOf(outcome)).toBeUndefined();
  });

  test('is told EACCES of a port that only root may bind', async () => {
    const script = 'import socket; socket.socket().bind(("127.0.0.1", 1))';
    const outcome = await asOrdinaryUser('/usr/bin/python3', '-c', script);
    const last = outcome.reports.findLast(({ report }) => report === 'call');
    expect(last).toMatchObject({ call: { port: 1, result: 'EACCES' } });
  });

  test.each([
    ['setuid', 0o4755],
    ['setgid', 0o2755],
  ])('has a %s program run with its rights: then it is not watched', async (name, mode) => {
    const program = privileged(name, mode);
    const outcome = await asOrdinaryUser(program, '/proc/self/status');
    expect(watchingOf(outcome)).toMatchObject({ state: 'off', reason: expect.stringContaining(program) });
    expect(outcome.output).toMatch(mode === 0o4755 ? /^Uid:\s+65534\s+0/m : /^Gid:\s+65534\s+0/m);
  });

  test('has one run with its rights that is named in a script for a shell', async () => {
    const program = privileged('named', 0o4755);
    const outcome = await asOrdinaryUser('sh', '-c', `true && ${program} /proc/self/status`);
    expect(outcome.output).toMatch(/^Uid:\s+65534\s+0/m);
  });

  test('is told when one comes up that could not be foreseen, and it is not run without its rights', async () => {
    privileged('hidden', 0o4755);
    const outcome = await asOrdinaryUser('sh', '-c', `name=hid; ./"$name"den /proc/self/status; sleep 60`);
    expect(disturbanceOf(outcome)).toMatchObject({ reason: expect.stringContaining('hidden') });
    expect(outcome.output).not.toContain('Uid:');
    expect(outcome.reports).toContainEqual(expect.objectContaining({ report: 'exited', signal: 'SIGKILL' }));
  });
});
