const { createServer } = require('node:http');

let closing = false;
const server = createServer((request, response) => {
  if (closing) response.setHeader('Connection', 'close');
  setTimeout(() => response.end('hello\n'), request.url === '/report' ? 800 : 0);
}).listen({ fd: 3 });
process.once('SIGTERM', () => {
  closing = true;
  setTimeout(() => server.close(), 1500);
});
