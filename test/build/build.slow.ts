import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tcpclose } from '../support/program.ts';

const root = new URL('../..', import.meta.url);

test('the program can be started at any time while it is built twice at once', async () => {
  const builds = [1, 2].map(async () => {
    const child = spawn('npx', ['tsx', 'build/build.ts'], { cwd: root, stdio: 'ignore' });
    const [status] = await once(child, 'exit');
    return status;
  });
  let state = 'building';
  const built = Promise.all(builds).finally(() => {
    state = 'built';
  });
  while (state === 'building') {
    const { stderr, status } = await tcpclose(['explain', 'TIME_WAIT']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  }
  expect(await built).toEqual([0, 0]);
  expect(readdirSync(root).filter((entry) => entry.startsWith('dist.'))).toEqual([]);
});
