import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lossesOfServer, writeAdvised, writeServer } from '../../support/advised.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-advised');

test('the handler advised for Node loses nothing in any of five restarts if no client connects at the moment when it closes the listener', async () => {
  const failing = join(folder, 'failing.cjs');
  writeServer(failing, '');
  const [loss] = await lossesOfServer(failing);
  expect(loss?.cause).toBe('no-handler');
  const advised = join(folder, 'advised.cjs');
  writeAdvised(advised, loss?.remedy ?? '');
  const all = [];
  for (let run = 0; run < 5; run++) all.push(...(await lossesOfServer(advised, '--pre-stop', '300ms')));
  expect(all).toEqual([]);
});
