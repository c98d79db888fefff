import { join } from 'node:path';
import { fixture, type Kind } from './kind.ts';
import { keepingAll, python } from './python.ts';

export const onUnixSockets: Readonly<Record<string, Kind>> = {
  'a Unix socket': {
    program: 'node',
    command: ({ folder }) => ['node', fixture('plain.cjs'), join(folder, 'socket')],
    path: ({ folder }) => join(folder, 'socket'),
  },
  'an abstract socket': {
    ...python('abstract', ({ folder }) =>
      // Filled up with NULs, as Node 20 does it, which by hand is the client.
      keepingAll(`s = socket.socket(socket.AF_UNIX); s.bind("\\0${folder}".ljust(108, "\\0"))`),
    ),
    path: ({ folder }) => `@${folder}`,
  },
};
