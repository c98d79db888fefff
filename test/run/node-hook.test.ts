import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { nodeHook } from '../../src/package.ts';
import { runCommandDocument } from '../../src/report/documents/run-command.ts';
import { programPath, tcpclose } from '../support/program.ts';
import { listening, somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('node-hook');

/** Runs a command below a `run` that cannot watch calls: those below another `run` are watched already, and only one may do so. */
async function runBelow(command: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [json, words] = [join(folder, 'run.json'), join(folder, 'run.txt')];
  const inner = ['--reporter', `json:${json}`, '--reporter', `text:${words}`];
  const finished = await tcpclose(
    [
      ...['run', '--reporter', `json:${join(folder, 'outer.json')}`, '--', 'env'],
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ...[process.execPath, programPath, 'run', ...inner, '--', ...command],
    ],
    { cwd: folder },
  );
  const document = v.parse(runCommandDocument, JSON.parse(readFileSync(json, 'utf8')));
  return { ...finished, document, said: readFileSync(words, 'utf8').replaceAll(/\n +/g, ' ') };
}

describe('if the calls cannot be watched', () => {
  test('Node programs report the holder of the port, and the command is unchanged', async () => {
    const { server, port } = await listening();
    const [own, path, script] = [somePort(), join(folder, 'held.sock'), join(folder, 'fails.cjs')];
    writeFileSync(path, '');
    writeFileSync(
      script,
      `const { createServer } = require('node:net');
      console.log(process.title);
      const failing = (...where) => new Promise((resolve) => {
        createServer().on('error', ({ code }) => { console.log(code); resolve(); }).listen(...where);
      });
      const first = createServer().listen(${own}, async () => {
        await failing(${port}, '127.0.0.1');
        await failing(${own});
        await failing(${JSON.stringify(path)});
        await failing(0, '192.0.2.1');
        // Nobody hears this one: Node prints its stack, and ends.
        createServer().listen(${port}, '127.0.0.1');
      });`,
    );
    try {
      const NODE_OPTIONS = '--title=mine';
      const env = { ...process.env, NODE_OPTIONS };
      const alone = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
      const { stdout, stderr, status, document, said } = await runBelow([process.execPath, script], {
        NODE_OPTIONS,
      });
      expect({ stdout, stderr, status }).toEqual({
        stdout: 'mine\nEADDRINUSE\nEADDRINUSE\nEADDRINUSE\nEADDRNOTAVAIL\n',
        stderr: alone.stderr,
        status: 1,
      });
      expect(document.watching).toMatchObject({ state: 'Node only', reason: expect.stringMatching('EBUSY') });
      expect(document.failures).toMatchObject([
        { kind: 'outside', port, times: 2, seen: 'right after it', holders: [{ pid: process.pid }] },
        { kind: 'same process', port: own, times: 1, holders: [{ relation: 'same process' }] },
        { kind: 'file exists', path, protocol: 'Unix' },
        { kind: 'refused', result: 'EADDRNOTAVAIL', address: '192.0.2.1' },
      ]);
      expect(said).toContain('only binds of Node are watched: seccomp(2) is refused here (EBUSY)');
      expect(said).toContain('a process outside this run has the port');
    } finally {
      server.close();
    }
  });

  test('another process of the run is named, though the one that failed ends at once', async () => {
    const port = somePort();
    const script = `
      const { spawn } = require('node:child_process');
      require('node:net').createServer().listen(${port}, function () {
        const fails = "require('node:dgram'); require('node:http').createServer().on('error', () => process.exit(3)).listen(${port})";
        spawn(process.execPath, ['-e', fails]).on('exit', (status) => process.exit(status));
      });`;
    const { status, document } = await runBelow([process.execPath, '-e', script]);
    expect(status).toBe(3);
    expect(document.failures).toMatchObject([
      { kind: 'this run', times: 1, reuseAddress: true, holders: [{ relation: 'this run' }] },
    ]);
  });
});

test('a Node that may read nothing else starts as ever, and the run says that no bind is watched', async () => {
  const command = [process.execPath, '--permission', '-e', 'console.log(1)'];
  const alone = spawnSync(process.execPath, command.slice(1), { encoding: 'utf8' });
  const { stdout, stderr, status, document } = await runBelow(command);
  expect({ stdout, stderr, status }).toEqual({
    stdout: alone.stdout,
    stderr: alone.stderr,
    status: alone.status,
  });
  expect(document.watching.state).toBe('off');
});

test('a program whose reports are not read writes into no other file', async () => {
  const { server, port } = await listening();
  const file = join(folder, 'not-a-pipe');
  const fd = openSync(file, 'w');
  try {
    const script = `require('node:net').createServer().on('error', ({ code }) => console.log(code)).listen(${port}, '127.0.0.1')`;
    const TCPCLOSE_FAILED_BINDS = `${process.pid}:${fd}:1:${fd}`;
    const env = { ...process.env, NODE_OPTIONS: `--require "${nodeHook}"`, TCPCLOSE_FAILED_BINDS };
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { env, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'EADDRINUSE\n', stderr: '' });
    expect(readFileSync(file, 'utf8')).toBe('');
  } finally {
    closeSync(fd);
    server.close();
  }
});
