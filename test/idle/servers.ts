/** Servers whose idle time is measured. */
import type { Socket } from 'node:net';
import { fixture } from '../support/restarts.ts';

export const node = ['node', fixture('http.cjs')];

/** Answers each request, and closes after this many milliseconds of idleness. */
export function answering(
  head: string,
  idleMs: number,
  end: (socket: Socket) => void = (socket) => socket.end(),
) {
  return (socket: Socket) => {
    let timer: NodeJS.Timeout | undefined;
    socket.on('data', () => {
      clearTimeout(timer);
      socket.write(`HTTP/1.1 200 OK\r\n${head}Content-Length: 2\r\n\r\nok`);
      timer = setTimeout(() => end(socket), idleMs);
    });
    socket.once('close', () => clearTimeout(timer));
  };
}
