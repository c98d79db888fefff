import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fixture } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const folder = temporaryFolder('tcpclose-second');

/** A server that does that when it is started again. */
export const second = (how: string) => [
  'python3',
  fixture('second.py'),
  `${somePort()}`,
  join(folder, randomUUID()),
  how,
];
