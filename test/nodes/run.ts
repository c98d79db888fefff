/**
 * Runs the packed program on other releases of Node: `npm run nodes -- [22 24] [--all]`, by default on the oldest and the newest. Each comes
 * from npm's package node-linux-<arch>, into a temporary folder; one that cannot be had is skipped. Needs dist: build first.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenFrom, commandLine, run } from '../../build/command-line.ts';

const releases = ['20', '22', '24', '26'];
const deadlineMs = 600_000;
const { values, positionals } = commandLine(
  'npm run nodes -- [release...] [--all]',
  { all: { type: 'boolean', default: false } },
  'words',
);
const asked = chosenFrom(positionals, releases, 'a release of Node that is tried');
const wanted = values.all || positionals.length > 0 ? asked : ['20', '26'];

const server = `require('http').createServer((_, answer) => answer.end('ok')).listen(process.env.PORT, '127.0.0.1')`;
const trials: Readonly<Record<string, readonly string[]>> = {
  demo: ['demo', 'server-first'],
  test: ['test', 'order', 'close'],
  restart: ['restart', '--', 'node', 'server.cjs'],
  claims: ['claims', 'C01', 'C11'],
};

/** null if it succeeds, otherwise what went wrong. */
async function failureOf(
  folder: string,
  program: string,
  args: readonly string[],
  path = '',
): Promise<string | null> {
  const env = { ...process.env, CI: 'true', PORT: port, PATH: `${path}${process.env['PATH']}` };
  const { status, stderr } = await run(program, args, { cwd: folder, env, timeout: deadlineMs });
  return status === 0 ? null : `status ${status} ${stderr.trim().split('\n').at(-1)}`;
}

/** One that is free now, and stays that of the server. */
async function freePort(): Promise<string> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return String(port);
}

const root = mkdtempSync(join(tmpdir(), 'tcpclose-nodes-'));
const port = await freePort();
let failures = 0;
try {
  const packed = await failureOf(process.cwd(), 'npm', [
    'pack',
    '--ignore-scripts',
    '--silent',
    '--pack-destination',
    root,
  ]);
  if (packed !== null) throw new Error(`npm pack: ${packed}`);
  console.log(['node', 'install', ...Object.keys(trials)].map((text) => text.padEnd(10)).join(''));
  for (const release of wanted) {
    const folder = join(root, release);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    writeFileSync(join(folder, 'server.cjs'), server);
    const node = `node-linux-${process.arch}`;
    const install = 'npm install --no-audit --no-fund --loglevel=error';
    const unavailable = await failureOf(folder, 'sh', ['-c', `${install} ${node}@${release}`]);
    if (unavailable !== null) {
      console.log(`${release.padEnd(10)}skipped: npm has no ${node}@${release} here (${unavailable})`);
      continue;
    }
    const installed = await failureOf(folder, 'sh', ['-c', `${install} ../tcpclose-*.tgz`]);
    const path = `${join(folder, 'node_modules', node, 'bin')}:`;
    const program = join(folder, 'node_modules/tcpclose/dist/tcpclose.cjs');
    const results: (string | null)[] = [];
    for (const args of Object.values(trials))
      results.push(
        installed === null ? await failureOf(folder, 'node', [program, ...args], path) : 'not tried',
      );
    const cells = [installed, ...results].map((result) => (result === null ? 'ok' : 'FAILED').padEnd(10));
    console.log(release.padEnd(10) + cells.join(''));
    for (const result of [installed, ...results]) if (result !== null) console.log(`  ${result}`);
    if ([installed, ...results].some((result) => result !== null)) failures++;
  }
  console.log('musl      not tried: no package of npm has a Node that is linked with musl');
} finally {
  rmSync(root, { recursive: true });
}
process.exitCode = failures === 0 ? 0 : 1;
