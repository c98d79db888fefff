import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WhyDocument } from '../../src/report/documents/why.ts';
import { installed, missing, noRoot } from '../support/machine.ts';
import { Program, tcpclose, withoutSlowLaunch } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import { connectionWithoutListener, listening, somePort, timeWait } from '../support/sockets.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A launcher behind which there are these programs and no others. */
function only(...programs: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'only-'));
  folders.push(folder);
  for (const program of ['echo', 'sh', 'cat', 'tr', 'sed', ...programs]) {
    const path = execFileSync(
      'sh',
      ['-c', `PATH="/usr/bin:/bin:/usr/sbin:/sbin" command -pv ${program}; true`],
      { encoding: 'utf8' },
    );
    symlinkSync(path.trim().startsWith('/') ? path.trim() : `/bin/${program}`, join(folder, program));
  }
  return `env PATH=${folder}`;
}

async function whyOn(
  launcher: string,
  port: number,
): Promise<{ document: WhyDocument; status: number | null }> {
  const { stdout, stderr, status } = await tcpclose(['why', String(port), '--json', '--on', launcher]);
  expect(stderr).toBe('');
  const document: WhyDocument = JSON.parse(stdout);
  expect(schemaErrors('why', document)).toEqual([]);
  expect(document.on).toBe(launcher);
  return { document, status };
}

describe.each([
  ['ss', 'ss', ['ss']],
  ['netstat', 'netstat', ['netstat']],
  ['/proc/net/tcp', 'ls', ['ls']],
] as const)('with nothing there but %s', (way, program, programs) => {
  test('a listener is shown with its process and its parents', unless(missing(program)), async () => {
    const { server, port } = await listening();
    const { document, status } = await whyOn(only(...programs), port);
    expect(document).toMatchObject({ way, held: true });
    expect(document.holders).toMatchObject([
      { kind: 'listener', state: 'LISTEN', count: 1, processes: [{ pid: process.pid }], reuseAddress: null },
    ]);
    const [held] = document.holders[0]?.processes ?? [];
    expect(held?.command).toContain('node');
    expect(held?.parents[0]?.pid).toBe(process.ppid);
    expect(held?.since).toMatch(/^\d{4}-/);
    // There is nothing to bind with.
    expect(document.bind).toEqual({ withoutReuseAddress: null, withReuseAddress: null });
    expect(document.unseen.map(({ what }) => what)).toContain('whether a bind succeeds');
    expect(status).toBe(1);
    server.close();
  });

  test('TIME_WAIT is shown with the time that is left', unless(missing(program)), async () => {
    const { document, status } = await whyOn(only(...programs), await timeWait());
    expect(document.holders).toMatchObject([{ kind: 'connection', state: 'TIME_WAIT', owner: 'none' }]);
    expect(document.freeInMs).toBeGreaterThan(1000);
    expect(status).toBe(1);
  });

  test('a free port is free', unless(missing(program)), async () => {
    const { document, status } = await whyOn(only(...programs), somePort());
    expect(document).toMatchObject({ held: false, holders: [] });
    expect(status).toBe(0);
  });

  test('its connections can be watched', unless(missing(program)), async () => {
    const { client, accepted, port } = await connectionWithoutListener();
    const program = new Program([
      'watch',
      String(port),
      '--json',
      '--until',
      'ESTABLISHED=0',
      '--on',
      only(...programs),
    ]);
    await program.says('"ESTABLISHED","count":1');
    client.destroy();
    accepted.destroy();
    const { stdout, stderr, status } = withoutSlowLaunch(await program.finished());
    expect(stdout).toContain(`"way":"${way}"`);
    expect(stdout).toMatch(/"from":"ESTABLISHED","to":/);
    expect([stderr, status]).toEqual(['', 0]);
  });
});

describe('a bind is tried for real behind a launcher, too', () => {
  test.for(['perl', 'python3'])('by %s', async (language, context) => {
    if (!['/usr/bin', '/bin'].some((folder) => installed(`${folder}/${language}`)))
      return context.skip(`the system has no ${language}`);
    const launcher = only(language, installed('ss') ? 'ss' : 'ls');
    const port = await timeWait({ reuseAddress: 'on' });
    expect((await whyOn(launcher, port)).document.bind).toEqual({
      withoutReuseAddress: 'EADDRINUSE',
      withReuseAddress: 'ok',
    });
    expect((await whyOn(launcher, somePort())).document.bind).toEqual({
      withoutReuseAddress: 'ok',
      withReuseAddress: 'ok',
    });
  });
});

describe('a launcher that misleads', () => {
  function launcher(script: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'launcher-'));
    folders.push(folder);
    writeFileSync(join(folder, 'to'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return join(folder, 'to');
  }

  test('a listener counts even if a bind succeeds, perhaps on another machine', async () => {
    const { server, port } = await listening();
    const elsewhere = launcher(`case "$*" in *SOCK_STREAM*) printf 'ok\\nok\\n';; *) exec "$@";; esac`);
    const { document, status } = await whyOn(elsewhere, port);
    expect(document).toMatchObject({ held: true, bind: { withoutReuseAddress: 'ok' } });
    expect(document.holders).toMatchObject([{ kind: 'listener' }]);
    expect(document.unseen.map(({ what }) => what)).toContain(
      'why a bind succeeds though a listener has the port',
    );
    expect(status).toBe(1);
    server.close();
  });

  test.each([
    ['before', 'echo "Welcome to box 7"; exec "$@"', 'Welcome to box 7'],
    ['after', '"$@"; echo Bye', 'Bye'],
  ])(
    'one that prints something %s what the command prints is refused, with the remedy',
    async (_, script, line) => {
      for (const command of ['why', 'watch']) {
        const { stdout, stderr, status } = await tcpclose([command, '8080', '--on', launcher(script)]);
        expect(stderr).toMatch(
          /^tcpclose: [^\n]+prints more than its command does[^\n]+ssh -q[^\n]+hushlogin[^\n]+\n$/,
        );
        expect(stderr).toContain(`("${line}")`);
        expect([stdout, status]).toEqual(['', 2]);
      }
    },
  );
});

test('without ss, netstat and /proc/net/tcp it reports that, with status 2', async () => {
  // A launcher that starts nothing but echo.
  const launcher = `sh -c '[ "$1" = echo ] && exec "$@"; exit 127' sh`;
  for (const command of ['why', 'watch']) {
    const { stdout, stderr, status } = await tcpclose([command, '8080', '--on', launcher]);
    expect(stderr).toMatch(/^tcpclose: found neither ss, netstat nor \/proc\/net\/tcp: [^\n]+\n$/);
    expect([stdout, status]).toEqual(['', 2]);
  }
});

describe('through a real ssh', unless(noRoot ?? missing('sshd', 'ssh')), () => {
  let sshd: Sshd | undefined;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd?.close());

  test('why shows what holds the port there', async () => {
    const { server, port } = await listening({ reuseAddress: 'on' });
    const { document, status } = await whyOn(sshd?.launcher ?? '', port);
    expect(document.holders).toMatchObject([{ kind: 'listener', processes: [{ pid: process.pid }] }]);
    expect(status).toBe(1);
    server.close();
  });

  test('watch sees a client come', async () => {
    const { server, port } = await listening();
    const program = new Program([
      'watch',
      String(port),
      '--json',
      '--until',
      'ESTABLISHED=1',
      '--on',
      sshd?.launcher ?? '',
    ]);
    await program.says('"state":"LISTEN"');
    const accepting = once(server, 'connection');
    const client = connect(port, '127.0.0.1');
    const [accepted] = await accepting;
    const { status, stderr } = withoutSlowLaunch(await program.finished());
    expect([stderr, status]).toEqual(['', 0]);
    client.destroy();
    accepted.destroy();
    server.close();
  });
});
