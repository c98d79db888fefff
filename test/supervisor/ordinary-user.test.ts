/** What an ordinary user can watch, and what not; spoken to a supervisor in its own protocol, since only that runs as the user. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, describe, expect, test } from 'vitest';
import { lineSplitter } from '../../src/lines.ts';
import { supervisorProgram } from '../../src/package.ts';
import { readMessage } from '../../src/rpc/messages.ts';
import type { Call } from '../../src/supervisor/calls/call.ts';
import { type Notifications, notifications } from '../../src/supervisor/notifications.ts';
import { asNobody, noRoot } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-nobody', 0o755);

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
  readonly heard: readonly { readonly method: string; readonly params: unknown }[];
  readonly output: string;
}

/** Runs a command below a supervisor of uid 65534: all it says until the command has ended, or has been killed since watching disturbs. */
async function asOrdinaryUser(...command: readonly string[]): Promise<Outcome> {
  const [program = '', ...args] = [...asNobody, process.execPath, supervisorProgram];
  const supervisor = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(supervisor);
  const heard: { method: string; params: unknown }[] = [];
  const methods = ['start', 'settle', 'output'];
  const call = (method: string, params: object) =>
    supervisor.stdin.write(`${JSON.stringify({ id: methods.indexOf(method), method, params })}\n`);
  const { PATH = '' } = process.env;
  const start = { run: 1, command, folder, environment: { PATH }, ready: null, watch: 'calls' };
  return new Promise((resolve, reject) => {
    supervisor.once('error', reject);
    supervisor.stdout.setEncoding('utf8').on(
      'data',
      lineSplitter((line) => {
        const message = readMessage(line, { ...notifications, ready: v.unknown() });
        if (message === undefined || 'error' in message) return reject(new Error(line));
        if ('method' in message) {
          heard.push(message);
          if (message.method === 'ready') call('start', start);
          if (message.method === 'exited') call('settle', {});
        } else if (methods[message.id] === 'settle') call('output', { run: 1 });
        else if (methods[message.id] === 'output')
          resolve({ heard, output: (message.result as { text: string }).text });
      }),
    );
  });
}

type Params<Name extends keyof Notifications> = v.InferOutput<Notifications[Name]>;

function allOf<Name extends keyof Notifications>({ heard }: Outcome, name: Name): Params<Name>[] {
  return heard.filter(({ method }) => method === name).map(({ params }) => params as Params<Name>);
}

describe('an ordinary user', unless(noRoot), () => {
  test('has calls watched without root, with options and result', async () => {
    const port = somePort();
    const script = `import socket; s = socket.socket(); s.bind(("127.0.0.1", ${port})); s.listen()`;
    const outcome = await asOrdinaryUser('sh', '-c', `timeout 20 /usr/bin/python3 -c '${script}'; true`);
    expect(allOf(outcome, 'watching')).toEqual([{ whyNot: null }]);
    const calls = new Map<number, Call>();
    for (const { call } of allOf(outcome, 'call')) calls.set(call.number, call);
    expect([...calls.values()]).toMatchObject([
      { call: 'bind', port, result: 'ok', options: { reuseAddress: false } },
      { call: 'listen', port, result: 'ok' },
    ]);
    expect(allOf(outcome, 'disturbed')).toEqual([]);
  });

  test('gets EACCES for a port that only root may bind', async () => {
    const script = 'import socket; socket.socket().bind(("127.0.0.1", 1))';
    const outcome = await asOrdinaryUser('/usr/bin/python3', '-c', script);
    expect(allOf(outcome, 'call').at(-1)).toMatchObject({ call: { port: 1, result: 'EACCES' } });
  });

  test.each([
    ['setuid', 0o4755],
    ['setgid', 0o2755],
  ])('has a %s program run with its rights: then it is not watched', async (name, mode) => {
    const program = privileged(name, mode);
    const outcome = await asOrdinaryUser(program, '/proc/self/status');
    expect(allOf(outcome, 'watching')).toEqual([{ whyNot: expect.stringContaining(program) }]);
    expect(outcome.output).toMatch(mode === 0o4755 ? /^Uid:\s+65534\s+0/m : /^Gid:\s+65534\s+0/m);
  });

  test('can run a privileged program that a shell script names', async () => {
    const program = privileged('named', 0o4755);
    const outcome = await asOrdinaryUser('sh', '-c', `true && ${program} /proc/self/status`);
    expect(outcome.output).toMatch(/^Uid:\s+65534\s+0/m);
  });

  test('learns of an unforeseen privileged program, which does not run without its privileges', async () => {
    privileged('hidden', 0o4755);
    const outcome = await asOrdinaryUser('sh', '-c', `name=hid; ./"$name"den /proc/self/status; sleep 60`);
    expect(allOf(outcome, 'disturbed')).toEqual([{ reason: expect.stringContaining('hidden') }]);
    expect(outcome.output).not.toContain('Uid:');
    expect(allOf(outcome, 'exited')).toMatchObject([{ signal: 'SIGKILL' }]);
  });
});
