import { createServer } from 'node:http';

let stopping = false;

const server = createServer((_, response) => {
  // Clients do not use their connections again.
  if (stopping) response.setHeader('Connection', 'close');
  setTimeout(() => response.end('hello\n'), 20);
});
server.listen(Number(process.env['PORT'] ?? 8080));

// A graceful shutdown: requests that are on their way are still answered, then the process exits by itself.
process.once('SIGTERM', () => {
  stopping = true;
  setTimeout(() => server.close(), 1000);
});
