import { writeFileSync } from 'node:fs';
import { blocksOf } from '../../src/prose.ts';
import { observed } from './loads.ts';
import { restart } from './restarts.ts';
import { somePort } from './sockets.ts';

/** How a server is busy when the signal comes: connections wait in its accept queue then. */
const busyMs = 1000;

/** A server of Node with the code that a remedy shows, word for word. */
export function writeAdvised(file: string, remedy: string): void {
  const code = blocksOf(remedy).find(({ kind }) => kind === 'code')?.text;
  if (code === undefined) throw new Error(`no code in: ${remedy}`);
  writeServer(file, code);
}

/** The same server without it, or with other code. */
export function writeServer(file: string, code: string): void {
  writeFileSync(
    file,
    `const net = require('node:net');
const server = require('node:http').createServer((req, res) => {
  setTimeout(() => res.end('hello'), req.url === '/slow' ? 400 : 3);
});
const busy = () => {
  for (const until = performance.now() + ${busyMs}; performance.now() < until; );
};
if (${code.includes('SIGTERM')}) process.once('SIGTERM', busy);
${code}
server.listen(Number(process.argv[2]), '127.0.0.1');
`,
  );
}

/** What is lost at a restart of the server of that file, without what was refused because nobody listened. */
export async function lossesOfServer(file: string, ...options: readonly string[]) {
  const load = ['--load', 'new=40/s,pooled=8,idle=4,slow=3', '--slow-path', '/slow', ...options];
  const run = await observed(() => restart(load, ['node', file, String(somePort())]));
  return run.load.losses.filter(({ cause }) => cause !== 'outage');
}
