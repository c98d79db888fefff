import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { install } from '../../../../tables/packages.ts';
import type { ReadLine } from '../../../support/request-log.ts';
import { accessLine, type LoggingServer, write } from './server.ts';

/** A server of Node with packages of npm, which stay installed for the next time. */
const node = (text: string, read: ReadLine): LoggingServer => ({
  lacks: () => (packageFolder() === null ? `npm cannot install ${packages.join(', ')}` : null),
  command(start) {
    const folder = packageFolder() ?? '';
    const file = write({ ...start, folder }, `logging-${start.port}.cjs`, text);
    return ['node', file, String(start.port), start.log];
  },
  read,
});

const root = join(tmpdir(), `tcpclose-packages-${process.pid}`);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const packages = ['express', 'fastify', 'morgan'];
let found: string | null | undefined;

/** The folder that has the packages; null if npm cannot install them. */
function packageFolder(): string | null {
  if (found !== undefined) return found;
  mkdirSync(root);
  const installed = install('logging', packages, root);
  found = 'why' in installed ? null : installed.folder;
  return found;
}

export const express = (ends: string) =>
  node(
    `const [, , port, log] = process.argv;
const fs = require('node:fs');
const file = fs.openSync(log, 'a');
const app = require('express')();
app.use(require('morgan')('access :req[x-request-id] :status :res[content-length]', {
  stream: { write: (line) => fs.writeSync(file, line) },
}));
app.use((req, res) => setTimeout(() => {
  fs.writeSync(file, 'answers ' + req.headers['x-request-id'] + '\\n');
  res.send('hello');
}, req.path === '/slow' ? 400 : 3));
const server = app.listen(Number(port), '127.0.0.1');
${ends}`,
    accessLine(/^access (?<name>\S+) (?<status>\d+|-) (?<whole>5)?/),
  );

export const fastify = (ends: string) =>
  node(
    `const [, , port, log] = process.argv;
const app = require('fastify')({ logger: { file: log }, requestIdHeader: 'x-request-id' });
app.get('/*', async (req) => {
  await new Promise((resolve) => setTimeout(resolve, req.url === '/slow' ? 400 : 3));
  req.log.info('answers');
  return 'hello';
});
app.listen({ port: Number(port), host: '127.0.0.1' });
${ends}`,
    fastifyLine,
  );

function fastifyLine(line: string): ReturnType<ReadLine> {
  if (!line.startsWith('{')) return undefined;
  const {
    reqId: name,
    msg,
    res,
  } = JSON.parse(line) as {
    reqId?: string;
    msg?: string;
    res?: { statusCode?: number };
  };
  // It gives a request without a name one of its own.
  if (!name?.startsWith('tcpclose-')) return undefined;
  if (msg === 'incoming request') return { word: 'got', name };
  if (msg === 'answers') return { word: 'answers', name };
  const isWhole = msg === 'request completed' && res?.statusCode === 200;
  return { word: isWhole ? 'answered' : 'not answered', name };
}
