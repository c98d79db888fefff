// A client that stays, or one that says hello, closes first and ends: node client.mjs <port> stay|greet
import { connect } from 'node:net';

const [port, task] = process.argv.slice(2);
const connection = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true }, () => {
  if (task === 'greet') connection.write('hello');
  else console.log('connected');
});
connection.on('data', (data) => {
  console.log(String(data));
  connection.end();
});
connection.on('end', () => {
  if (task === 'stay') setTimeout(() => {}, 60_000);
});
