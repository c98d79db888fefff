import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a stranger may put into all that others print: it clears, copies, hides, turns round, and begins new lines. */
export const hostileText = [
  '\u001b[2J\u001b[H',
  '\u001b]52;c;AAAA\u0007',
  '\u009b8m',
  '\nx is free\r',
  '\u202e\u2066',
  '\u200b\ufeff',
  '\u2028\u2029\u0085',
  '\n::error::x ##[error]',
].join('z');

/** The kernel keeps 15 bytes of a name. */
export const hostileNames = [
  '\u001b[2J\u001b[8mx',
  '\u001b]52;c;A\u0007',
  '\u009b8m\u202ex',
  'a\nb',
  '\u2028\u200by',
  '::error::z ##[',
] as const;

const program = `
require('fs').writeFileSync('/proc/self/comm', Buffer.from(process.argv[2], 'base64'));
const server = require('net').createServer((socket) => socket.on('error', () => {}));
server.listen(Number(process.argv[1]), process.argv[4], () => process.stdout.write('up'));
`;

/** A process that listens on the port in a hostile dress: its name, its arguments, its environment. */
export async function startHostile(port: number, address: string, name: string): Promise<ChildProcess> {
  const comm = Buffer.from(name).toString('base64');
  const child = spawn(process.execPath, ['-e', program, String(port), comm, hostileText, address], {
    argv0: `server${hostileText}`,
    env: { ...process.env, npm_lifecycle_event: `start${hostileText}`, npm_package_name: hostileText },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout ?? child, 'data');
  return child;
}

const harmful = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What of a text a terminal or a log would act on, its ends of lines left out; nothing if it is harmless. */
export function harmIn(text: string): string[] {
  const characters = [...text.matchAll(harmful)].map(([character]) => character);
  const commands = text.match(/^\s*::error::|##\[/gm) ?? [];
  return [...characters.filter((character) => character !== '\n').map(escape), ...commands];
}

/** The same for a document of JSON, of which all strings are looked at, whatever they look like on the way. */
export function harmInJson(text: string): string[] {
  const found = harmIn(text);
  JSON.parse(text, (key, value) => {
    found.push(...harmIn(key));
    if (typeof value === 'string') found.push(...harmIn(value));
    return value;
  });
  return found;
}
