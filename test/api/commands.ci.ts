import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type * as Api from '../../src/index.ts';
import { packagePath } from '../../src/package.ts';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { listening, somePort } from '../support/sockets.ts';
import { audit, failure, idle, matrixDiff, node, run } from './package.ts';

test('idle() returns the document of the command', async () => {
  const script = `require('http').createServer((_, answer) => answer.end()).listen(${somePort()}, '127.0.0.1').keepAliveTimeout = 1;`;
  const document = await idle(node(script), { client: 'go' });
  expect(schemaErrors('idle', document)).toEqual([]);
  expect(document).toMatchObject({ idle: { state: 'closes' }, comparisons: [{ verdict: 'race possible' }] });
});

test('audit() returns the document of the command', async () => {
  const document = await audit({ pid: process.pid, for: 0, portsUsed: 80 });
  expect(schemaErrors('audit', document)).toEqual([]);
  expect(document.scope).toBe(`process ${process.pid}`);
});

describe('run()', () => {
  test('returns the document of the command, with its status and the bind that failed', async () => {
    const { server, port } = await listening();
    const kinds: string[] = [];
    const script = `require('net').createServer().on('error', () => process.exit(7)).listen(${port}, '127.0.0.1')`;
    try {
      const document = await run(node(script), { onEvent: ({ type }) => kinds.push(type) });
      expect(schemaErrors('run', document)).toEqual([]);
      expect(document).toMatchObject({ status: 7, failures: [{ kind: 'outside', port }] });
      expect(kinds).toEqual(['bind failed']);
    } finally {
      server.close();
    }
  });

  test('rejects with a code if the command does not exist', async () => {
    expect(await failure(run(['/nonexistent']))).toMatchObject({ code: 'no-command' });
  });
});

test('matrixDiff() names the cells that differ', async () => {
  const { stdout } = await tcpclose(['matrix', '--json']);
  const now: Api.MatrixDocument = JSON.parse(stdout);
  const [first, ...rest] = now.cells;
  const before = { ...now, cells: rest };
  const { differences } = await matrixDiff(before, now);
  expect(differences).toMatchObject([{ before: 'not measured' }]);
  expect(differences[0]?.cell).toContain(first?.addresses.name);
});

test('importing the package loads nothing that only its functions need', () => {
  const script = `require(${JSON.stringify(packagePath('dist/require/index.js'))}); console.log(Object.keys(require.cache).join('\\n'));`;
  const loaded = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect(loaded.trim().split('\n')).toEqual([packagePath('dist/require/index.js')]);
});
