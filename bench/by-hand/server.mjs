// A server as one writes it to try something out: node server.mjs <port> <reuse: 0|1>
// Node sets SO_REUSEADDR on every listener; one without it takes a native call.

import { createServer } from 'node:net';
import koffi from 'koffi';

const [port, reuse] = process.argv.slice(2).map(Number);
const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, void *value, int size)');
const bind = libc.func('int bind(int fd, void *address, int size)');

const fd = socket(2, 1 | 0o2000000, 0);
setsockopt(fd, 1, 2, Buffer.from([reuse, 0, 0, 0]), 4);
const address = Buffer.alloc(16);
address.writeUInt16LE(2, 0);
address.writeUInt16BE(port, 2);
address.set([127, 0, 0, 1], 4);
if (bind(fd, address, 16) === -1) {
  console.log('Address already in use');
  process.exit(1);
}
const server = createServer((connection) => {
  console.log('accepted');
  connection.on('data', (data) => connection.write(data));
});
server.listen({ fd }, () => console.log('listening'));
