import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sendSignal } from '../../src/native/signal.ts';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { asNobody, noRoot } from '../support/machine.ts';
import { Program, tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-watching', 0o755);

const plain = join(import.meta.dirname, '../fixtures/servers/plain.py');

describe('for an ordinary user', unless(noRoot), () => {
  async function restart(
    ...command: readonly string[]
  ): Promise<RestartDocument['runs'][number] | undefined> {
    const args = ['restart', '--json', '--cwd', folder, '--', ...command];
    const { stdout, stderr } = await tcpclose(args, { prefix: asNobody });
    if (stdout === '') throw new Error(stderr);
    return (JSON.parse(stdout) as RestartDocument).runs[0];
  }

  const python = `exec /usr/bin/python3 ${plain}`;

  test('the calls of a server are watched', async () => {
    const port = somePort();
    const run = await restart('sh', '-c', `${python} ${port}`);
    expect(run).toMatchObject({ cause: 'no-reuse-address', watching: { state: 'on', reason: null } });
    expect(run?.evidence?.secondStart?.calls).toMatchObject([
      { call: 'bind', port, reuseAddress: false, result: 'EADDRINUSE' },
    ]);
  });

  test('a server that runs a setuid program comes out the same, unwatched', async () => {
    const program = join(folder, 'hidden');
    copyFileSync('/bin/true', program);
    chownSync(program, 0, 0);
    chmodSync(program, 0o4755);
    const run = await restart('sh', '-c', `name=hid; ./"$name"den && ${python} ${somePort()}`);
    expect(run).toMatchObject({ cause: 'no-reuse-address', watching: { state: 'off' } });
    expect(run?.watching.reason).toContain('hidden');
    expect(run?.evidence?.secondStart?.calls).toEqual([]);
  });
});

test('when the supervisor is killed it says so in one line, and leaves nothing', async () => {
  const program = new Program(['restart', '--', 'sh', '-c', 'trap "" TERM; sleep 600; sleep 600']);
  // The command's own process: that of tcpclose and its shell have the words among their arguments.
  await found(program, /^\d+ sleep 600 $/);
  const supervisor = await found(program, /guarded/);
  sendSignal(supervisor, 'SIGKILL');
  const { stdout, stderr, status } = await program.finished();
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
    /^tcpclose: the process that runs the command has ended/,
  );
  expect(status).toBe(2);
  expect(await program.leftAfter(3000)).toEqual([]);
});

async function found(program: Program, shape: RegExp): Promise<number> {
  for (;;) {
    const line = program.processes().find((line) => shape.test(line));
    if (line !== undefined) return Number(line.split(' ')[0]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
