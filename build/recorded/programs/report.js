const { createServer } = require('node:http');

createServer((request, response) => {
  setTimeout(() => response.end('hello\n'), request.url === '/report' ? 800 : 0);
}).listen(8080);
