import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tcpclose } from '../support/program.ts';
import { fixture, restart } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';

const standIn = (name: string) => join(import.meta.dirname, '../fixtures/compose', name);

/** Whether the daemon still publishes the port. */
async function isPublished(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

// Node under the name of the client runs the script "compose": the command line is that of the real program.
describe('docker compose up with a stand-in for the daemon, which runs the containers elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'compose-'));
  const socket = join(folder, 'daemon.sock');
  const command = [join(folder, 'docker'), 'compose', 'up'];
  const [published, inner] = [somePort(), somePort()];
  const options = { cwd: folder, env: { DOCKER_SOCKET: socket } };
  let daemon: ChildProcess;

  beforeAll(async () => {
    symlinkSync(process.execPath, join(folder, 'docker'));
    copyFileSync(standIn('compose'), join(folder, 'compose'));
    const args = [socket, published, inner, fixture('graceful.cjs')].map(String);
    daemon = spawn(process.execPath, [standIn('daemon.cjs'), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (daemon.stdout) await once(daemon.stdout, 'data');
  });

  afterAll(async () => {
    const closed = once(daemon, 'close');
    daemon.stdin?.end();
    await closed;
    rmSync(folder, { recursive: true });
  });

  test('without --port the error names the port to give, and leaves no container', async () => {
    const { stderr, status } = await tcpclose(['restart', '--', ...command], options);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      new RegExp(
        `since then the daemon publishes port ${published} \\(\\S+, pid \\d+\\): give --port ${published}\\n`,
      ),
    );
    expect(await isPublished(published)).toBe(false);
  });

  test('with --port it is waited for, stopped, and started again', async () => {
    const { runs } = await restart(['--port', `${published}`], command, options);
    expect(runs).toMatchObject([
      { verdict: 'survives', cause: null, warnings: [expect.stringContaining('proxy of a container')] },
    ]);
    expect(await isPublished(published)).toBe(false);
  });
});
