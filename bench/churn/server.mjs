// The yardstick: a bare server that closes each connection first. Prints its port.
import { createServer } from 'node:net';

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.end();
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 511 }, () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit());
