const net = require('node:net');
const { createServer } = require('node:http');

const server = createServer((request, response) => {
  setTimeout(() => response.end('hello\n'), request.url === '/report' ? 800 : 0);
}).listen(8080);

let closing = false;
let accepted = 0;
server.on('connection', () => accepted++);
server.prependListener('request', (_, res) => {
  if (closing) res.setHeader('Connection', 'close');
});
const stop = (from, before, at) => {
  const now = performance.now();
  const isShort = now - at < (now - from) / 1000;
  if (!(isShort && accepted === before) && now - from < 7500) return setImmediate(stop, from, accepted, now);
  net.Server.prototype.close.call(server);
  setImmediate(() => server.closeIdleConnections());
};
process.once('SIGTERM', () => {
  closing = true;
  const now = performance.now();
  setTimeout(setImmediate, 2500, stop, now, -1, 0);
});
