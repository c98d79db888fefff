import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { restart } from './restarts.ts';
import { somePort } from './sockets.ts';

/** How a server is busy when the signal comes: connections wait in its accept queue then. */
const busyMs = 250;

/** A server of Node with the code that a remedy shows, word for word. */
export function writeAdvised(file: string, remedy: string): void {
  const [, onSignal, onRequest] = /: (let .*?\}\);) And for each request: (.*?\))\. /.exec(remedy) ?? [];
  if (onSignal === undefined || onRequest === undefined) throw new Error(`no code in: ${remedy}`);
  writeServer(file, onSignal, onRequest);
}

/** The same server without it, or with other code. */
export function writeServer(file: string, onSignal: string, onRequest: string): void {
  writeFileSync(
    file,
    `const net = require('node:net');
const server = require('node:http').createServer((req, res) => {
  ${onRequest};
  setTimeout(() => res.end('hello'), req.url === '/slow' ? 400 : 3);
});
const busy = () => {
  for (const until = performance.now() + ${busyMs}; performance.now() < until; );
};
if (${onSignal.includes('SIGTERM')}) process.once('SIGTERM', busy);
${onSignal}
server.listen(Number(process.argv[2]), '127.0.0.1');
`,
  );
}

/** Beyond what a handover alone avoids. One connection may come between the last look at the queue and the close. */
export function beyond(losses: Awaited<ReturnType<typeof lossesOfServer>>) {
  return losses.filter(
    ({ cause, lost }) => cause !== 'outage' && !(cause === 'accept-queue-dropped' && lost === 1),
  );
}

/** What is lost at a restart of the server of that file. */
export async function lossesOfServer(file: string) {
  const load = ['--load', 'new=40/s,pooled=8,idle=4,slow=3', '--slow-path', '/slow'];
  const { runs } = await restart(load, ['node', file, String(somePort())]);
  const found = runs[0]?.load;
  if (found == null) throw new Error(JSON.stringify(runs));
  expect(found.verdict).not.toBe('too little');
  return found.losses;
}
