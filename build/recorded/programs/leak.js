// A server that reads the end of each connection and never closes, and 20 clients that come and leave.
const { connect, createServer } = require('node:net');
const { writeFileSync } = require('node:fs');

let left = 20;
const server = createServer({ allowHalfOpen: true }, (socket) =>
  socket.resume().on('end', () => {
    if (--left === 0) writeFileSync('.listening', '');
  }),
).listen(8080, () => {
  for (let i = 0; i < 20; i++) connect(server.address().port).end();
});
