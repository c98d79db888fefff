import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, expect } from 'vitest';
import type { IdleDocument } from '../../src/report/documents/idle.ts';
import { tcpclose } from './program.ts';
import { schemaErrors } from './schema.ts';

/** What `tcpclose idle` says of a server; the document fits its schema and the exit status. */
export async function idle(...args: readonly string[]): Promise<IdleDocument> {
  const { stdout, stderr, status } = await tcpclose(['idle', '--json', ...args]);
  if (stdout === '') throw new Error(stderr);
  const document = JSON.parse(stdout) as IdleDocument;
  expect(schemaErrors('idle', document)).toEqual([]);
  expect(status).toBe({ 'no race': 0, 'race possible': 1, 'not measured': 2 }[document.verdict]);
  return document;
}

// The tests of a file run at once: what they opened is closed after the last of them.
const endings: (() => void)[] = [];
afterAll(() => {
  for (const end of endings.splice(0)) end();
});

export function afterTests(end: () => void): void {
  endings.push(end);
}

/** A server of the test's own. Returns its port. */
export async function serving(
  onConnection: (socket: Socket) => void,
  server: Server = createServer(),
): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  server.on(server.listenerCount('secureConnection') > 0 ? 'secureConnection' : 'connection', onConnection);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTests(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return String((server.address() as AddressInfo).port);
}
