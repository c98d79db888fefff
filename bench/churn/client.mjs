// The yardstick: a bare client. Arguments: port, connections, concurrency. Prints connections a second.
import { connect } from 'node:net';

const [port, connections, concurrency] = process.argv.slice(2).map(Number);
const startedAt = performance.now();
let [begun, done] = [0, 0];

function begin() {
  begun++;
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  socket.on('close', () => {
    done++;
    if (begun < connections) begin();
    else if (done === connections) console.log((done / (performance.now() - startedAt)) * 1000);
  });
}

for (let i = 0; i < concurrency; i++) begin();
