import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { harmIn, harmInJson, hostileNames, hostileText, startHostile } from '../support/hostile.ts';
import { missing } from '../support/machine.ts';
import { programPath, tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpclose-hostile-'));
const port = String(somePort());
const strangers: ChildProcess[] = [];

// All on one port, each on an address of its own.
beforeAll(async () => {
  const starting = hostileNames.map((name, i) => startHostile(Number(port), `127.0.0.${i + 1}`, name));
  strangers.push(...(await Promise.all(starting)));
});
afterAll(() => {
  for (const child of strangers) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

describe('hostile listeners', () => {
  test.each([[[]], [['--on', 'env']], [['--on', 'env PATH=/usr/bin:/bin']]])('why %j', async (on) => {
    const [text, json] = await Promise.all([
      tcpclose(['why', port, '--long', ...on]),
      tcpclose(['why', port, '--json', ...on]),
    ]);
    expect(harmIn(text.stdout + text.stderr)).toEqual([]);
    for (const { pid } of strangers) expect(text.stdout).toContain(`pid ${pid} `);
    expect(text.stdout).not.toMatch(/^x is free/m);
    expect(harmInJson(json.stdout)).toEqual([]);
    expect([text.status, json.status]).toEqual([1, 1]);
  });

  test.each([[[]], [['--on', 'env']]])('watch %j', async (on) => {
    const [text, json] = await Promise.all([
      tcpclose(['watch', port, '--for', '10ms', ...on]),
      tcpclose(['watch', port, '--for', '10ms', '--json', ...on]),
    ]);
    expect(harmIn(text.stdout + text.stderr)).toEqual([]);
    expect(text.stdout).toContain(`pid ${strangers[0]?.pid} `);
    for (const line of json.stdout.trim().split('\n')) expect(harmInJson(line)).toEqual([]);
  });

  test('on a terminal in colour', unless(missing('script')), () => {
    for (const args of [`why ${port} --long`, `watch ${port} --for 10ms`]) {
      const command = `'${process.execPath}' '${programPath}' ${args}`;
      const env = { ...process.env, TERM: 'xterm-256color', NO_COLOR: '', CI: '' };
      // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours and moves.
      const own = /\u001b\[(?:\d+m|\d*A|J)|\r/g;
      const seen = execFileSync('script', ['-qec', `${command}; true`, '/dev/null'], {
        env,
        encoding: 'utf8',
      });
      expect(seen).toContain('\u001b[1m');
      expect(harmIn(seen.replace(own, ''))).toEqual([]);
    }
  });

  // On this machine's own network, and an address that nobody has: the tables that it shows have the strangers in them.
  test.each([
    ['127.0.0.11', ['--verbose']],
    ['127.0.0.12', ['--json']],
    ['127.0.0.13', ['--observer', 'proc', '--verbose']],
  ])('demo beside them, on %s: %j', async (address, detail) => {
    const place = ['--network', 'host', '--host', address, '--port', port];
    const { stdout, stderr, status } = await tcpclose(['demo', 'server-first', ...place, ...detail]);
    expect([stderr, status]).toEqual(['', 0]);
    for (const { pid } of strangers) expect(stdout).toContain(`${pid}`);
    expect(detail.includes('--json') ? harmInJson(stdout) : harmIn(stdout)).toEqual([]);
  });

  test('demo on a port that one of them has is refused in one harmless line', async () => {
    const args = ['demo', 'server-first', '--network', 'host', '--port', port];
    const { stdout, stderr, status } = await tcpclose(args);
    expect(stderr).toMatch(/^tcpclose: [^\n]*EADDRINUSE[^\n]*\n$/);
    expect(harmIn(stdout + stderr)).toEqual([]);
    expect(status).toBe(2);
  });
});

const server = `
const text = Buffer.from(process.argv[1], 'base64').toString();
require('fs').writeFileSync('/proc/self/comm', '\\u001b[2J\\u202e');
console.log(text);
console.error(text);
require('net').createServer((socket) => socket.on('error', () => {})).listen(Number(process.argv[2]), '127.0.0.1', () => {
  const { spawn } = require('child_process');
  const fd = process._getActiveHandles().find((handle) => handle.listening)._handle.fd;
  spawn('sleep', ['60'], { argv0: text, stdio: ['ignore', 'ignore', 'ignore', fd], detached: true });
}).on('error', (error) => { console.log(text); console.error(text, error.message); process.exit(1); });
`;

test('restart, of a server that prints it and calls itself so, by every reporter', async () => {
  const files = ['text', 'json', 'junit', 'github'].map((name) => [name, join(folder, name)] as const);
  const reporters = files.flatMap(([name, file]) => ['--reporter', `${name}:${file}`]);
  const port = String(somePort());
  const text = Buffer.from(hostileText).toString('base64');
  const { stdout, stderr, status } = await tcpclose([
    'restart',
    '--timeout',
    '20s',
    ...reporters,
    '--',
    'node',
    '-e',
    server,
    text,
    port,
  ]);
  expect(status).toBe(1);
  expect(harmIn(stdout + stderr)).toEqual([]);
  for (const [name, file] of files) {
    const written = readFileSync(file, 'utf8');
    expect([name, name === 'json' ? harmInJson(written) : harmIn(written)]).toEqual([name, []]);
    expect(written).toContain('\\x1b[2J');
  }
});

test('a launcher that complains in it', async () => {
  const launcher = join(folder, 'launcher.sh');
  writeFileSync(launcher, `#!/bin/sh\nprintf '%s' "$(cat '${folder}/text')" >&2\nexit 1\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'text'), hostileText);
  for (const args of [
    ['why', '80', '--on', launcher],
    ['watch', '80', '--on', launcher],
    ['demo', 'server-first', '--server-on', launcher, '--host', '198.18.0.1'],
  ]) {
    const { stdout, stderr, status } = await tcpclose(args);
    expect(harmIn(stdout + stderr)).toEqual([]);
    expect(stderr).toMatch(/^tcpclose: [^\n]+does not launch a command \([^\n]+\n$/);
    expect(status).toBe(2);
  }
});
