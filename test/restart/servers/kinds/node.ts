import { join } from 'node:path';
import { file, fixture, get, type Kind } from './kind.ts';

const tsx = join(import.meta.dirname, '../../../../node_modules/.bin/tsx');
const http = (port: number) =>
  `require('http').createServer((q, r) => r.end('hello')).listen(${port}, '127.0.0.1')`;

export const ofNode: Readonly<Record<string, Kind>> = {
  'http of Node': { program: 'node', request: get, command: ({ port }) => ['node', '-e', http(port)] },
  'net of Node': { program: 'node', command: ({ port }) => ['node', fixture('plain.cjs'), `${port}`] },
  'net of Node that waits for its clients': {
    program: 'node',
    command: ({ port }) => ['node', fixture('graceful.cjs'), `${port}`],
  },
  'a cluster of Node': {
    program: 'node',
    command: (room) => [
      'node',
      file(
        room,
        'cluster.cjs',
        `const cluster = require('cluster');
         if (cluster.isPrimary) for (let i = 0; i < 2; i++) cluster.fork(); else ${http(room.port)};`,
      ),
    ],
  },
  'node --inspect': {
    program: 'node',
    command: ({ port }) => ['node', '--inspect=127.0.0.1:0', '-e', http(port)],
  },
  tsx: { program: 'node', command: (room) => [tsx, file(room, 'server.ts', http(room.port))] },
  'npm run': {
    program: 'npm',
    outcome: 'racy',
    command: (room) => {
      const scripts = { start: `node ${fixture('plain.cjs')} ${room.port}` };
      file(room, 'package.json', JSON.stringify({ name: 'server', private: true, scripts }));
      return ['npm', 'run', 'start', '--prefix', room.folder];
    },
  },
};
