import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { missing } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { Terminal } from '../support/terminal.ts';

const listener: Server = createServer();
beforeAll(async () => {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
});
afterAll(() => void listener.close());

const port = () => (listener.address() as AddressInfo).port;
const http = fileURLToPath(new URL('../fixtures/servers/http.cjs', import.meta.url));
const fixture = fileURLToPath(new URL('../fixtures/servers/plain.cjs', import.meta.url));

/** Each command, by its arguments, and the status with which it ends. */
const shown: readonly (readonly [name: string, args: () => string, status: number])[] = [
  ...commands.map(({ name }) => [`${name} --help`, () => `${name} --help`, 0] as const),
  ['help', () => 'help', 0],
  ['list', () => 'list', 0],
  ['explain', () => 'explain', 0],
  ['explain TIME_WAIT', () => 'explain TIME_WAIT', 0],
  ['explain server-first', () => 'explain server-first', 0],
  ['matrix', () => 'matrix', 0],
  ['claims', () => 'claims C01 C11 C03', 0],
  ['demo', () => 'demo server-first', 0],
  ['demo --counters', () => 'demo client-first --counters', 0],
  ['demo --packets', () => 'demo last-ack --packets', 0],
  ['demo --ascii', () => 'demo lost-last-ack --ascii', 0],
  ['test', () => 'test order', 0],
  ['tour', () => 'tour 3 < /dev/null', 0],
  ['restart', () => `restart --all -- node ${fixture} ${somePort()}`, 0],
  ['why', () => `why ${port()}`, 1],
  ['why --on', () => `why ${port()} --on env`, 1],
  ['idle', () => `idle -- node ${http}`, 1],
  ['idle --client', () => `idle --client aws-alb --provoke 1 -- node ${http}`, 1],
  ['watch', () => `watch ${port()} --for 1s`, 0],
  ['audit', () => `audit --long --port ${port()}`, 0],
];

test.each([
  ['60', 60],
  ['72', 72],
  // Narrower or wider than any page, or no number at all.
  ['20', 60],
  ['200', 80],
  ['x', 80],
])('COLUMNS=%s into a pipe gives lines of at most %i columns', async (given, widest) => {
  const { stdout } = await tcpclose(['restart', '--help'], { env: { COLUMNS: given } });
  const lines = stdout.split('\n').map((line) => line.length);
  expect(Math.max(...lines)).toBeLessThanOrEqual(widest);
  expect(Math.max(...lines)).toBeGreaterThan(widest - 4);
});

describe.each([60, 80, 120])('on a terminal of %d columns', unless(missing('tmux')), (columns) => {
  let terminal: Terminal;
  beforeAll(async () => {
    terminal = new Terminal(columns);
    await terminal.shows(/ready>/);
  });
  afterAll(() => terminal.close());

  test.each(shown)('%s breaks no line', async (_, args, expected) => {
    const { shown, written, status } = await terminal.run(`tcpclose ${args()}`);
    expect(shown).toBe(withUrlsBroken(written, columns));
    expect(shown.length).toBeGreaterThan(100);
    expect(status).toBe(expected);
  });
});

/** A long URL stays whole, to be opened and copied: the terminal alone breaks it. */
function withUrlsBroken(text: string, columns: number): string {
  const pieces = new RegExp(`.{1,${columns}}`, 'g');
  const lines = text.split('\n');
  return lines
    .flatMap((line) => (/^ *https?:\S+$/.test(line) ? (line.match(pieces) ?? []) : [line]))
    .join('\n');
}

describe('in colour', unless(missing('tmux')), () => {
  let terminal: Terminal;
  beforeAll(async () => {
    terminal = new Terminal(80);
    await terminal.shows(/ready>/);
  });
  afterAll(() => terminal.close());

  test.each([
    ['list'],
    ['explain TIME_WAIT'],
    ['explain server-first'],
    ['matrix'],
    ['claims C01 C11 C03'],
    ['claims C01 --evidence'],
    ['test shut-rd'],
    ['why 9 --on env'],
  ])('%s shows the text that a pipe gets, and colours', async (args) => {
    const piped = await tcpclose(args.split(' '));
    const { shown, colored } = await terminal.run(`tcpclose ${args}`);
    expect(normalised(shown)).toBe(normalised(piped.stdout));
    expect(colored).toContain('\u001b[');
  });

  test('FORCE_COLOR colours what goes into a pipe, and NO_COLOR wins over it', async () => {
    const colours = async (env: Record<string, string>) =>
      (await tcpclose(['explain', 'TIME_WAIT'], { env: { NO_COLOR: '', ...env } })).stdout.includes(
        '\u001b[',
      );
    expect(await colours({})).toBe(false);
    expect(await colours({ FORCE_COLOR: '1' })).toBe(true);
    expect(await colours({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  });
});

/** What differs from run to run taken out: numbers, the units of spans, and where lines end. */
function normalised(text: string): string {
  return text
    .replaceAll(/\d+(\.\d+)?( (ms|s|min)\b)?/g, 'N')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
