import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lossesOfServer, writeAdvised, writeServer } from '../../support/advised.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-advised');

/** Nothing is sent any more when the server has time for its handler: only what waits can be lost. */
const preStop = ['--pre-stop', '300ms'];

test('a listener of Node that closes in the handler resets what waits, and the code that the remedy shows loses nothing', async () => {
  const failing = join(folder, 'at-once.cjs');
  writeServer(
    failing,
    `let closing = false;
     process.once('SIGTERM', () => {
       closing = true;
       net.Server.prototype.close.call(server);
       setTimeout(() => server.closeIdleConnections(), 1000);
     });
     server.prependListener('request', (_, res) => {
       if (closing) res.setHeader('Connection', 'close');
     });`,
  );
  const loss = (await lossesOfServer(failing, ...preStop)).find(
    ({ cause }) => cause === 'accept-queue-dropped',
  );
  expect(loss?.lost).toBeGreaterThan(1);
  expect(loss?.remedy).toContain('when its queue is empty');
  const advised = join(folder, 'advised.cjs');
  writeAdvised(advised, loss?.remedy ?? '');
  expect(await lossesOfServer(advised, ...preStop)).toEqual([]);
});
