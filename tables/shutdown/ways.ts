import { nodeShutdown } from '../../src/restart/load/node-shutdown.ts';

/** A way to end a server on SIGTERM, as its documentation shows it. */
export interface Way {
  /** As the page names it. */
  readonly title: string;
  /** The packages of npm that it needs. */
  readonly packages: readonly string[];
  /** Where that use is documented. */
  readonly source: string;
  /** A module of JavaScript; `port` and `answer` are known to it. */
  readonly program: string;
}

const nodeDocs = 'https://nodejs.org/api/http.html';

function plain(handler: string): string {
  return `import { createServer } from 'node:http';

const server = createServer(answer);
${handler}server.listen(port, '127.0.0.1');
`;
}

const onTerm = (...lines: readonly string[]) =>
  plain(
    `process.once('SIGTERM', () => {\n${lines.map((line) => (line === '' ? '' : `  ${line}\n`)).join('')}});\n`,
  );

/** In the order of the page. */
export const ways = {
  'no-handler': {
    title: 'no handler',
    packages: [],
    source: 'https://nodejs.org/api/process.html#signal-events',
    program: plain(''),
  },
  exit: {
    title: '`process.exit()`',
    packages: [],
    source: 'https://nodejs.org/api/process.html#processexitcode',
    program: onTerm('process.exit();'),
  },
  close: {
    title: '`server.close()`',
    packages: [],
    source: `${nodeDocs}#serverclosecallback`,
    program: onTerm('server.close();'),
  },
  'close-idle': {
    title: '`closeIdleConnections()`',
    packages: [],
    source: `${nodeDocs}#servercloseidleconnections`,
    program: onTerm('server.close();', 'setInterval(() => server.closeIdleConnections(), 100).unref();'),
  },
  'close-all': {
    title: '`closeAllConnections()`',
    packages: [],
    source: `${nodeDocs}#servercloseallconnections`,
    program: onTerm('server.close();', 'server.closeAllConnections();'),
  },
  'close-all-late': {
    title: '`closeAllConnections()` after 5 s',
    packages: [],
    source: `${nodeDocs}#servercloseallconnections`,
    program: onTerm('server.close();', 'setTimeout(() => server.closeAllConnections(), 5000).unref();'),
  },
  stoppable: {
    title: 'stoppable',
    packages: ['stoppable'],
    source: 'https://www.npmjs.com/package/stoppable',
    program: `import { createServer } from 'node:http';
import stoppable from 'stoppable';

const server = stoppable(createServer(answer));
process.once('SIGTERM', () => server.stop());
server.listen(port, '127.0.0.1');
`,
  },
  'http-terminator': {
    title: 'http-terminator',
    packages: ['http-terminator'],
    source: 'https://www.npmjs.com/package/http-terminator',
    program: `import { createServer } from 'node:http';
import { createHttpTerminator } from 'http-terminator';

const server = createServer(answer);
const { terminate } = createHttpTerminator({ server });
process.once('SIGTERM', () => terminate());
server.listen(port, '127.0.0.1');
`,
  },
  terminus: {
    title: '@godaddy/terminus',
    packages: ['@godaddy/terminus'],
    source: 'https://www.npmjs.com/package/@godaddy/terminus',
    program: `import { createServer } from 'node:http';
import { createTerminus } from '@godaddy/terminus';

const server = createServer(answer);
createTerminus(server, { healthChecks: { '/healthcheck': async () => 'well' } });
server.listen(port, '127.0.0.1');
`,
  },
  'http-graceful-shutdown': {
    title: 'http-graceful-shutdown',
    packages: ['http-graceful-shutdown'],
    source: 'https://www.npmjs.com/package/http-graceful-shutdown',
    program: `import { createServer } from 'node:http';
import gracefulShutdown from 'http-graceful-shutdown';

const server = createServer(answer);
server.listen(port, '127.0.0.1');
gracefulShutdown(server);
`,
  },
  'close-with-grace': {
    title: 'close-with-grace',
    packages: ['close-with-grace'],
    source: 'https://www.npmjs.com/package/close-with-grace',
    program: `import { createServer } from 'node:http';
import closeWithGrace from 'close-with-grace';

const server = createServer(answer);
closeWithGrace(() => new Promise((resolve) => server.close(resolve)));
server.listen(port, '127.0.0.1');
`,
  },
  'http-shutdown': {
    title: 'http-shutdown',
    packages: ['http-shutdown'],
    source: 'https://www.npmjs.com/package/http-shutdown',
    program: `import { createServer } from 'node:http';
import httpShutdown from 'http-shutdown';

const server = httpShutdown(createServer(answer));
process.once('SIGTERM', () => server.shutdown());
server.listen(port, '127.0.0.1');
`,
  },
  lightship: {
    title: 'lightship',
    packages: ['lightship'],
    source: 'https://www.npmjs.com/package/lightship',
    // As in Kubernetes: elsewhere it does not wait for its shutdownDelay.
    program: `import { createServer } from 'node:http';
import { createLightship } from 'lightship';

const lightship = await createLightship({ detectKubernetes: false, port: 0 });
const server = createServer(answer);
lightship.registerShutdownHandler(() => {
  server.close();
});
server.listen(port, '127.0.0.1', () => lightship.signalReady());
`,
  },
  fastify: {
    title: "fastify's own",
    packages: ['fastify'],
    source: 'https://fastify.dev/docs/latest/Reference/Server/#close',
    program: `import fastify from 'fastify';

const app = fastify();
app.get('/*', (request, reply) => {
  reply.hijack();
  answer(request.raw, reply.raw);
});
process.once('SIGTERM', () => app.close());
await app.listen({ port, host: '127.0.0.1' });
`,
  },
  express: {
    title: "express's own",
    packages: ['express'],
    source: 'https://expressjs.com/en/advanced/healthcheck-graceful-shutdown.html',
    program: `import express from 'express';

const app = express();
app.use(answer);
const server = app.listen(port, '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => {});
});
`,
  },
  advised: {
    title: 'what `tcpclose restart --load` advises',
    packages: [],
    source: 'loss.md',
    program: `import { createServer } from 'node:http';
import net from 'node:net';

const server = createServer(answer);
${nodeShutdown.join('\n')}
server.listen(port, '127.0.0.1');
`,
  },
} as const satisfies Readonly<Record<string, Way>>;

export type WayName = keyof typeof ways;

export const wayNames = Object.keys(ways) as WayName[];

/** What all of them answer: at once, and slowly. */
export const prelude = `const port = Number(process.argv[2]);
function answer(request, response) {
  setTimeout(() => response.end('hello'), request.url === '/slow' ? 1000 : 5);
}
`;

export function programOf({ program }: Way): string {
  return `${prelude}${program}`;
}
