/** Servers that do what a test says, and generators to them, which end with the tests of the file. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll } from 'vitest';
import { LoadGenerator } from '../../../src/load/generator.ts';
import type { Plan } from '../../../src/load/plan.ts';

export const none = { new: 0, pooled: 0, idle: 0, slow: 0 };
export const http = { kind: 'http', path: '/', slowPath: null, body: null } as const;
const base64 = (text: string) => Buffer.from(text).toString('base64');
export const echo = {
  kind: 'raw',
  request: base64('ping\n'),
  slowRequest: null,
  answer: { source: '^ping\\n$', flags: '' },
  greets: 'no',
} as const;

export const servers: Server[] = [];
const generators: LoadGenerator[] = [];
afterAll(async () => {
  await Promise.all(generators.map((generator) => generator.end()));
  for (const server of servers) server.close();
});

export async function serverThat(serves: (socket: Socket, request: string) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => serves(socket, data.toString()));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

export function generatorTo(port: number, plan: Partial<Plan> = {}): LoadGenerator {
  const place = { host: '127.0.0.1', port };
  const generator = new LoadGenerator(
    { place, tls: null, protocol: http, spec: none, slowMs: 0, timeoutMs: 3000, ...plan },
    process.env,
  );
  generators.push(generator);
  return generator;
}

export const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
