import { file, type Room, type ServerKind } from './kind.ts';

const answer = `const answer = (url, end) => setTimeout(() => end('hello'), url === '/slow' ? 1000 : 5);\n`;

function kind(title: string, npm: string | undefined, program: (port: number) => string): ServerKind {
  return {
    title,
    language: 'JavaScript',
    program: 'node',
    from: npm === undefined ? { versionOf: ['node', '--version'] } : { npm },
    slowPath: '/slow',
    command: (room: Room) => [
      'node',
      file({ ...room, folder: room.modules }, `server-${room.port}.cjs`, `${answer}${program(room.port)}`),
    ],
  };
}

const http = (port: number) =>
  `require('node:http').createServer((q, r) => answer(q.url, (text) => r.end(text))).listen(${port}, '127.0.0.1');`;

export const ofNode = {
  'node-http': kind("Node's http", undefined, http),
  'node-cluster': kind(
    "Node's cluster (2 workers)",
    undefined,
    (port) =>
      `const cluster = require('node:cluster');
if (cluster.isPrimary) for (let i = 0; i < 2; i++) cluster.fork();
else ${http(port)}`,
  ),
  express: kind(
    'express',
    'express',
    (port) => `const app = require('express')();
app.use((q, r) => answer(q.url, (text) => r.send(text)));
app.listen(${port}, '127.0.0.1');`,
  ),
  fastify: kind(
    'fastify',
    'fastify',
    (port) => `const app = require('fastify')();
app.get('/*', (q) => new Promise((resolve) => answer(q.url, resolve)));
app.listen({ port: ${port}, host: '127.0.0.1' });`,
  ),
  koa: kind(
    'koa',
    'koa',
    (port) => `const Koa = require('koa');
const app = new (Koa.default ?? Koa)();
app.use(async (ctx) => { ctx.body = await new Promise((resolve) => answer(ctx.url, resolve)); });
app.listen(${port}, '127.0.0.1');`,
  ),
  hapi: kind(
    'hapi',
    '@hapi/hapi',
    (port) => `const server = require('@hapi/hapi').server({ port: ${port}, host: '127.0.0.1' });
server.route({ method: 'GET', path: '/{any*}', handler: (q) => new Promise((resolve) => answer(q.path, resolve)) });
server.start();`,
  ),
} satisfies Readonly<Record<string, ServerKind>>;
