// Leaves so many TIME_WAITs on a port of loopback, says so, and waits for the end of its standard input.
import { connect, createServer } from 'node:net';

const [count, port] = process.argv.slice(2).map(Number);
const atOnce = 200;
// The kernel would choose the same client port again, and so take the TIME_WAIT for the new connection.
const perAddress = 20_000;
const firstPort = 20_000;

const server = createServer((socket) => socket.end().resume()).listen({ port, backlog: 4096 }, () => {
  let [started, finished] = [0, 0];
  const next = () => {
    if (started === count) return;
    const localAddress = `127.0.0.${2 + Math.floor(started / perAddress)}`;
    const localPort = firstPort + (started++ % perAddress);
    connect({ host: '127.0.0.1', port, localAddress, localPort })
      .resume()
      .once('close', () => {
        if (++finished < count) return next();
        server.close();
        console.log('ready');
      });
  };
  for (let i = 0; i < atOnce; i++) next();
});
process.stdin.resume().once('end', () => process.exit());
