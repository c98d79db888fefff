import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { asNobody, isRoot } from '../support/machine.ts';
import { fixture, restart } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = temporaryFolder('tcpclose-unix', 0o755);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'));
});

const plain = ['node', fixture('plain.cjs')];

describe('nothing is removed but the socket that the server itself has bound', () => {
  test('a file of that name in the current folder stays if the path is relative to another folder', async () => {
    writeFileSync(join(folder, 'app.sock'), 'precious');
    mkdirSync(join(folder, 'srv'));
    const script = `cd srv && exec ${plain.join(' ')} app.sock`;
    const { runs } = await restart(['--cwd', folder], ['sh', '-c', script], { cwd: folder });
    expect(runs[0]?.leftFiles).toEqual([]);
    expect(readFileSync(join(folder, 'app.sock'), 'utf8')).toBe('precious');
    expect(readdirSync(join(folder, 'srv'))).toEqual([]);
  });

  test('the socket of another server stays, and that server is not taken for the one that is tried', async () => {
    const clients: Socket[] = [];
    const other = createServer((socket) => clients.push(socket.resume()));
    mkdirSync(join(folder, 'srv'));
    const path = join(folder, 'app.sock');
    other.listen(path);
    await once(other, 'listening');
    try {
      const options = ['--cwd', join(folder, 'srv'), '--signal', 'KILL'];
      const { verdict } = await restart(options, [...plain, 'app.sock'], { cwd: folder });
      expect(verdict).toBe('fails');
      expect(clients).toEqual([]);
      expect(lstatSync(path).isSocket()).toBe(true);
      expect(readdirSync(join(folder, 'srv'))).toEqual([]);
    } finally {
      other.close();
    }
  });

  test('a file stays that a link leads to, though the link replaced the socket', async () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'victim'), 'precious');
    const own = join(folder, 'own');
    mkdirSync(own);
    if (isRoot) for (const path of [folder, own]) chmodSync(path, 0o777);
    const command = ['node', fixture('swapping.cjs'), own, 'victim', elsewhere];
    await restart(['--timeout', '3s'], [...(isRoot ? asNobody : []), ...command]);
    expect(readFileSync(join(elsewhere, 'victim'), 'utf8')).toBe('precious');
    expect(existsSync(join(`${own}-moved`, 'victim'))).toBe(false);
  });

  test('a file that the server puts in place of its own socket stays', async () => {
    const path = join(folder, 'app.sock');
    const script = `require('net').createServer((s) => s.resume()).listen('${path}');
      process.on('SIGTERM', () => {
        require('fs').unlinkSync('${path}');
        require('fs').writeFileSync('${path}', 'precious');
        process.exit();
      });`;
    await restart([], ['node', '-e', script]);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('a socket in a folder that its owner may not write to stays, and the report says so', async (context) => {
    if (!isRoot) return context.skip('only root can give a socket away');
    const path = join(folder, 'app.sock');
    const script = `const { chownSync } = require('fs');
      require('net').createServer((s) => s.resume()).listen('${path}', () => chownSync('${path}', 65534, 65534));`;
    const { runs } = await restart(['--signal', 'KILL'], ['node', '-e', script]);
    expect(runs[0]?.leftFiles).toMatchObject([{ path, reason: expect.stringContaining('EACCES') }]);
    expect(lstatSync(path).isSocket()).toBe(true);
  });
});

describe('a server is found by its path, whatever is in it', () => {
  test.each(['a  b.sock', 'a\nb.sock', ' a.sock', 'ä.sock'])('%j', async (name) => {
    const { verdict, runs } = await restart(['--signal', 'KILL'], [...plain, name], { cwd: folder });
    expect(runs).toMatchObject([{ cause: 'exited-otherwise' }]);
    expect(verdict).toBe('fails');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('an abstract name of Python, which is not padded', async () => {
    const name = randomUUID();
    const { path, verdict } = await restart([], ['python3', fixture('abstract.py'), name]);
    expect({ path, verdict }).toEqual({ path: `@${name}`, verdict: 'survives' });
  });

  test('an abstract name of Node, which some releases pad with NULs', async () => {
    const name = randomUUID();
    const script = `require('net').createServer((s) => s.resume()).listen('\\x00${name}')`;
    const { path, verdict } = await restart([], ['node', '-e', script]);
    expect({ path, verdict }).toEqual({ path: `@${name}`, verdict: 'survives' });
  });
});

test('the process that accepted is looked up: an old process that continues to listen is not a second start', async () => {
  const path = join(folder, 's.sock');
  const server = `require('net').createServer((c) => c.on('error', () => {}).end()).listen('${path}')`;
  const { runs } = await restart([], ['bash', '-c', `node -e "${server}" & wait`]);
  expect(runs).toMatchObject([{ verdict: 'fails', cause: 'surviving-listener' }]);
  expect(runs[0]?.evidence?.secondStart?.acceptedBy).toEqual([]);
});

test('a server that unlinks its path first survives, and the new process is named', async () => {
  const path = join(folder, 's.sock');
  const script = `require('fs').rmSync('${path}', { force: true });
    require('net').createServer((s) => s.resume()).listen('${path}');`;
  const { runs } = await restart(['--signal', 'KILL'], ['node', '-e', script]);
  expect(runs).toMatchObject([
    { verdict: 'survives', evidence: { secondStart: { acceptedBy: [{ name: 'node' }] } } },
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

describe('a socket file that was renamed after bind', () => {
  const renaming = (place: string) => [...plain, place, 'rename'];

  test('is found by its new name, and so is that of the second start', async () => {
    const path = join(folder, 'app.sock');
    const document = await restart(['--socket', path], renaming(path));
    expect(document).toMatchObject({ path, verdict: 'survives' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('must be named by the user', async () => {
    const failed = restart([], renaming(join(folder, 'app.sock')));
    await expect(failed).rejects.toThrow('if it was renamed, give its current name with --socket <path>');
  });
});

describe('a server that ends each connection at once', () => {
  const rounds = ['--rounds', '10', '--settle', '300ms'];
  // So long only where others are at work on the machine, too.
  const manyRounds = { timeout: 600_000 };

  test(
    'in every start survives: only an accepted connection has an end, and who listens is named',
    manyRounds,
    async () => {
      const { runs, verdict } = await restart(rounds, [
        'python3',
        fixture('hanging-up.py'),
        join(folder, 'app.sock'),
      ]);
      expect(verdict).toBe('survives');
      for (const { evidence } of runs) {
        const { acceptedBy = [], calls = [] } = evidence?.secondStart ?? {};
        expect(acceptedBy).toMatchObject([{ name: 'python3', pid: calls[0]?.pid }]);
      }
    },
  );

  test('when it is started again fails', async () => {
    const server = [
      'python3',
      fixture('hanging-up.py'),
      join(folder, 'app.sock'),
      join(folder, randomUUID()),
    ];
    const { runs } = await restart([], server);
    expect(runs).toMatchObject([
      { verdict: 'fails', evidence: { secondStart: { result: 'ends its client' } } },
    ]);
    expect(runs[0]?.evidence?.explanation).toContain('the first start did not');
  });

  test('by a RST survives, though connect() itself may then fail', manyRounds, async () => {
    const { runs } = await restart(rounds, ['python3', fixture('hanging-up.py'), `${somePort()}`]);
    expect(runs).toMatchObject([{ verdict: 'survives', evidence: { rounds: { survived: 10, failed: 0 } } }]);
  });
});
