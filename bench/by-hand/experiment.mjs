// The steps of "tcpclose demo server-first", scripted by hand with Node, ss and signals.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const running = [];
let readings = 0;

async function start(program, ...args) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [path, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  child.ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.line = async () => (await lines.next()).value;
  return [child, await child.line()];
}

function ss(port) {
  readings++;
  return execFileSync('ss', ['-tanpoe', `( sport = :${port} or dport = :${port} )`], { encoding: 'utf8' });
}

function waitFor(port, ...patterns) {
  let table = '';
  for (let i = 0; i < 1000; i++) {
    table = ss(port);
    if (patterns.every((pattern) => pattern.test(table))) return;
  }
  throw new Error(`never seen: ${patterns}\n${table}`);
}

async function kill(child) {
  child.kill('SIGINT');
  await child.ended;
}

function expect(observed, expected) {
  if (observed !== expected) throw new Error(`expected ${expected}, observed ${observed}`);
}

async function refused(port, reuse) {
  const [child, said] = await start('server.mjs', port, reuse);
  await child.ended;
  expect(said, 'Address already in use');
}

async function served(port) {
  const [server, listening] = await start('server.mjs', port, 1);
  expect(listening, 'listening');
  const [client, greeting] = await start('client.mjs', port, 'greet');
  expect(greeting, 'hello');
  await client.ended;
  expect(await server.line(), 'accepted');
  await kill(server);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

const serverSide = (state, port) =>
  new RegExp(`^${state} .*127\\.0\\.0\\.1:${port} +127\\.0\\.0\\.1:\\d+ (?!.*users:)`, 'm');
const held = (state, { pid }) => new RegExp(`^${state} .*pid=${pid},`, 'm');

async function restart(reuse) {
  const port = await freePort();
  const [server, listening] = await start('server.mjs', port, reuse);
  expect(listening, 'listening');
  const [client, connected] = await start('client.mjs', port, 'stay');
  expect(connected, 'connected');
  expect(await server.line(), 'accepted');
  if (reuse === 0) waitFor(port, held('ESTAB', server), held('ESTAB', client));
  await kill(server);
  waitFor(port, serverSide('FIN-WAIT-2', port), held('CLOSE-WAIT', client));
  await refused(port, 0);
  await (reuse === 1 ? served(port) : refused(port, 1));
  await kill(client);
  waitFor(port, serverSide('TIME-WAIT', port));
  await refused(port, 0);
  await (reuse === 1 ? served(port) : refused(port, 1));
}

try {
  await restart(0);
  await restart(1);
  console.log(`as expected, ${readings} readings of ss`);
} finally {
  for (const child of running) child.kill('SIGKILL');
}
