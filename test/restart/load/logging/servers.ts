import { apache, caddy, haproxy, nginx } from './native.ts';
import { express, fastify } from './node.ts';
import { go, goShutdown, gunicorn } from './programs.ts';
import type { LoggingServer } from './server.ts';

/** Those that start quickly, and need nothing beside themselves. */
export const quickServers: Readonly<Record<string, LoggingServer>> = {
  'nginx, by TERM': { ...nginx, causes: ['exits-at-once'] },
  'gunicorn with sync workers': gunicorn,
};

export const loggingServers: Readonly<Record<string, LoggingServer>> = {
  'nginx, by QUIT': { ...nginx, options: ['--signal', 'QUIT'] },
  'HAProxy, by TERM': { ...haproxy, causes: ['no-handler'] },
  'HAProxy, by USR1': { ...haproxy, options: ['--signal', 'USR1'] },
  'Apache, by WINCH': { ...apache, options: ['--signal', 'WINCH'] },
  Caddy: { ...caddy, load: 'new=40/s,pooled=6,idle=3' },
  'Go without a handler': { ...go('srv.ListenAndServe()'), causes: ['no-handler'] },
  'Go with Shutdown()': go(goShutdown),
  'express without a handler': { ...express(''), causes: ['no-handler'] },
  'express with server.close()': express("process.once('SIGTERM', () => server.close());"),
  'fastify without a handler': { ...fastify(''), causes: ['no-handler'] },
  'fastify with app.close()': fastify("process.once('SIGTERM', () => app.close());"),
};
