import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { describeSystemError } from '../../src/system-error.ts';
import { isRoot } from '../support/machine.ts';
import { Program, tcpclose } from '../support/program.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('faults');

/** A program of that name, found before the real one. */
function inPath(name: string, script: string): { env: NodeJS.ProcessEnv } {
  const bin = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { env: { PATH: `${bin}:${process.env['PATH']}` } };
}

const withoutNamespace = await whyUnmet('namespace');
const oneLine = /^tcpclose: [^\n]+\n$/;
const shell = (script: string) => ['sh', '-c', script, 'sh'];

describe('too few descriptors', () => {
  // Below some 19 Node itself does not start.
  test.each([20, 21, 22, 23, 24, 25, 26, 27, 28, 30, 34])(
    '%i: one line, status 2, and the process group that called it lives on',
    async (limit) => {
      const prefix = ['setsid', '-w', ...shell(`ulimit -n ${limit}; "$@"; echo "the caller saw $?"`)];
      const program = new Program(['demo', 'server-first'], { prefix });
      const { stdout, stderr } = await program.finished();
      expect(stdout).toMatch(/the caller saw 2\n$/);
      expect(stderr).toMatch(oneLine);
      expect(stderr).toContain('ulimit -n');
      expect(await program.leftAfter(5000)).toEqual([]);
    },
  );
});

test.each([20, 22, 24, 26, 28])(
  'with %i descriptors, restart names the one remedy, wherever they run out',
  async (limit) => {
    const prefix = shell(`ulimit -n ${limit}; exec "$@"`);
    const { stderr, status } = await tcpclose(['restart', '--', 'sleep', '60'], { prefix });
    expect(stderr).toMatch(oneLine);
    expect(stderr.match(/raise/g)).toHaveLength(1);
    expect(stderr).toMatch(/raise the limit with "ulimit -n 4096"\n$/);
    expect(status).toBe(2);
  },
);

test('descriptors that run out while /proc is read are not blamed on /proc', () => {
  const refused = { code: 'EMFILE', syscall: 'open', path: '/proc/1/net/tcp' };
  expect(describeSystemError(Object.assign(new Error(), refused))).toContain('ulimit -n');
});

describe('a working directory that was deleted', () => {
  test.each([
    ['restart', '--', 'true'],
    ['demo', './mine.ts'],
  ])('%s says so', async (...args) => {
    const gone = join(folder, `gone-${args[0]}`);
    mkdirSync(gone);
    const prefix = shell(`cd "${gone}" && rmdir "${gone}" && exec "$@"`);
    const { stderr, status } = await tcpclose(args, { prefix });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('the working directory does not exist any more');
    expect(status).toBe(2);
  });

  test('commands that need none of its files run there, and start other programs', async () => {
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    const prefix = shell(`cd "${gone}" && rmdir "${gone}" && exec "$@"`);
    const { stderr, status } = await tcpclose(['demo', 'client-first', '--observer', 'ss'], { prefix });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});

describe.skipIf(withoutNamespace !== null)('without a whole /proc', () => {
  const unshare = ['unshare', '--mount', ...(isRoot ? [] : ['--user', '--map-root-user'])];
  const server = "require('net').createServer().listen(0)";

  test.each([
    ['umount -l /proc', ['demo', 'client-first']],
    ['umount -l /proc', ['watch', '80', '--for', '100ms']],
    ['umount -l /proc', ['restart', '--', process.execPath, '-e', server]],
    ['mount -t proc -o subset=pid proc /proc', ['demo', 'client-first']],
  ])('%s: %j', async (change, args) => {
    const { stderr, status } = await tcpclose(args, {
      prefix: [...unshare, ...shell(`${change} && exec "$@"`)],
    });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('mount');
    expect(status).toBe(2);
  });

  test('restart needs no more of it than the processes', async () => {
    const command = [process.execPath, '-e', `require('net').createServer().listen(${somePort()})`];
    const { stdout, status } = await tcpclose(['restart', '--json', '--', ...command], {
      prefix: [...unshare, ...shell('mount -t proc -o subset=pid proc /proc && exec "$@"')],
    });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'survives', runs: [{ watching: { state: 'on' } }] });
    expect(status).toBe(0);
  });
});

describe('output that cannot be written', () => {
  test.each([['--help'], ['--version'], ['demo', '--help'], ['list']])('%s to /dev/full', async (...args) => {
    const { stderr, status } = await tcpclose(args, { prefix: shell('exec "$@" >/dev/full') });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('ENOSPC');
    expect(status).toBe(2);
  });

  test.each([['--help'], ['--version'], ['list']])(
    '%s ends as if by SIGPIPE if its reader is gone',
    async (...args) => {
      const untilGone = '(trap "" PIPE; while echo; do :; done) 2>/dev/null';
      const prefix = shell(`{ ${untilGone}; "$@"; echo $? >&3; } 3>&2 | exec true`);
      const { stderr } = await tcpclose(args, { prefix });
      expect(stderr).toBe('141\n');
    },
  );
});

describe('a program that does not do its part', () => {
  test('a launcher with a name that is too long', async () => {
    const { stderr, status } = await tcpclose(['why', '80', '--on', 'x'.repeat(5000)]);
    expect(stderr).toMatch(oneLine);
    expect(status).toBe(2);
  });

  test('an ss that prints without end is ended', async () => {
    const program = new Program(
      ['demo', 'client-first', '--observer', 'ss'],
      inPath('ss', '[ "$1" = -V ] && exec echo ss; exec yes'),
    );
    const { stderr, status } = await program.finished();
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('MiB');
    expect(status).toBe(2);
    expect(await program.leftAfter(5000)).toEqual([]);
  });

  test.each([
    ['{not json'],
    ['{"type":"connection","of":"another shape"}'],
    ['{"type":"answer","id":1,"value":"x"}'],
  ])('a launcher that says %s is no reason to crash', async (words) => {
    // It launches what is asked, and adds its words to what the peer says.
    const launcher = join(folder, `launcher-${words.length}`);
    writeFileSync(launcher, `#!/bin/sh\ncase "$*" in *-e*) echo '${words}';; esac\nexec "$@"\n`, {
      mode: 0o755,
    });
    const program = new Program(['demo', 'client-first', '--server-on', launcher, '--client-on', launcher]);
    const { stderr, status } = await program.finished();
    expect(stderr === '' || oneLine.test(stderr)).toBe(true);
    expect([0, 2]).toContain(status);
    expect(await program.leftAfter(5000)).toEqual([]);
  });

  test('a launcher is found from the folder of tcpclose, for programs and for peers', async () => {
    writeFileSync(join(folder, 'beside'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    const launchers = ['--server-on', './beside', '--client-on', './beside'];
    const { stderr, status } = await tcpclose(['demo', 'client-first', ...launchers], { cwd: folder });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  test('Ctrl-C ends at once, whatever holds the pipe of a launcher', async () => {
    const launcher = join(folder, 'hanging');
    writeFileSync(launcher, '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
    const program = new Program(['why', '22222', '--on', launcher]);
    while (!program.processes().some((line) => line.includes('sleep')))
      await new Promise((r) => setTimeout(r, 10));
    const interruptedAt = performance.now();
    program.child.kill('SIGINT');
    const { status } = await program.finished();
    expect(status).toBe(130);
    // The deadline of the launcher itself is 30 s.
    expect(performance.now() - interruptedAt).toBeLessThan(15_000);
    expect(await program.leftAfter(5000)).toEqual([]);
  });
});

test('the stack of what was not foreseen is there with NODE_DEBUG=tcpclose, and only then', async () => {
  const file = join(folder, 'throws.mjs');
  writeFileSync(
    file,
    "import { scenario } from 'tcpclose';\n" +
      "export default scenario({ title: 'a', claim: 'b', source: [], decides: [], async run() {\n" +
      "  setTimeout(() => { throw new Error('out of nowhere'); }, 1);\n" +
      '  await new Promise(() => {});\n' +
      '} });\n',
  );
  const plain = await tcpclose(['demo', file]);
  expect(plain.stderr).toMatch(oneLine);
  expect(plain.stderr).toContain('out of nowhere');
  expect(plain.status).toBe(2);
  const debugged = await tcpclose(['demo', file], { env: { NODE_DEBUG: 'tcpclose' } });
  expect(debugged.stderr).toMatch(/throws\.mjs:3/);
  expect(debugged.status).toBe(2);
});
