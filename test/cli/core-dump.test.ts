import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Program } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const why = await whyUnmet('core dump');
const temporary = temporaryFolder('core-dump');

// The dump takes some 200 ms from when its folder is there; these fall before, into and after it.
const moments = [0, 20, 40, 60, 80, 100, 130, 160, 200, 300];

test.skipIf(why !== null)(
  `of a core dump nothing is left, whenever tcpclose is killed (${why ?? 'possible here'})`,
  async () => {
    for (const ms of moments) {
      const program = new Program(['demo', 'core-dump'], { env: { TMPDIR: temporary } });
      while (readdirSync(temporary).length === 0 && program.child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 1));
      setTimeout(() => program.child.kill('SIGKILL'), ms);
      await program.finished();
      await expect.poll(() => readdirSync(temporary), { timeout: 30_000 }).toEqual([]);
      await expect.poll(() => program.processes(), { timeout: 30_000 }).toEqual([]);
    }
  },
);
