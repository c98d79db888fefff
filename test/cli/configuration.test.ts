import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { tcpclose } from '../support/program.ts';
import { fixture } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder with these files. */
function project(files: Readonly<Record<string, string | object>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'configured-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

async function restart(cwd: string, ...args: readonly string[]): Promise<RestartDocument> {
  const { stdout, stderr } = await tcpclose(['restart', '--json', ...args], { cwd });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as RestartDocument;
}

const command = (port: number) => ['node', fixture('plain.cjs'), `${port}`];

describe('a configuration', () => {
  test('gives restart its command and its defaults, and the command line wins', async () => {
    const port = somePort();
    const cwd = project({
      'package.json': {
        tcpclose: { restart: { command: command(port), signal: 'KILL', clientsClose: true } },
      },
      'deep/below/readme.md': '',
    });
    const document = await restart(join(cwd, 'deep/below'), '--signal', 'INT');
    expect(document).toMatchObject({ port, runs: [{ signal: 'SIGINT', clients: 'close' }] });
  });

  test('may be TypeScript, and goes before package.json', async () => {
    const port = somePort();
    const cwd = project({
      'package.json': { tcpclose: { restart: { signal: 'KILL' } } },
      'tcpclose.config.ts': `const signal: string = 'INT'; export default { restart: { signal } };`,
    });
    expect(await restart(cwd, '--', ...command(port))).toMatchObject({
      runs: [{ signal: 'SIGINT' }],
    });
  });

  test.each([
    ['tcpclose.config.js', 'module.exports = { restart: { signal: "NOPE" } };'],
    ['tcpclose.config.js', 'export default { restart: { signal: "NOPE" } };'],
    ['tcpclose.config.mjs', 'export default { restart: { signal: "NOPE" } };'],
    ['tcpclose.config.json', '{ "restart": { "signal": "NOPE" } }'],
    ['package.json', '{ "tcpclose": { "restart": { "signal": "NOPE" } } }'],
  ])('may be %s, and an error names it: %s', async (name, content) => {
    const cwd = project({ 'package.json': {}, 'below/readme.md': '', [name]: content });
    const { stderr, status } = await tcpclose(['restart', '--', 'true'], { cwd: join(cwd, 'below') });
    const file = name === 'package.json' ? 'tcpclose in ../package.json' : `../${name}`;
    expect(stderr).toMatch(new RegExp(`^tcpclose: ${file}: --signal: "NOPE" is not a signal: [^\\n]+\\n$`));
    expect(status).toBe(2);
  });

  test('above the project is not read', async () => {
    const above = project({
      'tcpclose.config.js': `require('fs').writeFileSync(__dirname + '/ran', '');`,
      'project/package.json': {},
      'loose/readme.md': '',
    });
    for (const name of ['project', 'loose']) {
      const { stderr } = await tcpclose(['restart'], { cwd: join(above, name) });
      expect(stderr).toMatch(/the command is missing/);
    }
  });

  test.each([
    ['{ "restart": ', /^tcpclose: tcpclose\.config\.json cannot be read \(.*\): fix it\n$/],
    ['{ "demo": {} }', /"demo" is not configurable: choose from restart, idle, audit\n$/],
    ['[]', /has no object: write \{ "restart"/],
    [
      '{ "restart": { "prot": 1 } }',
      /restart has no option "prot": did you mean "port"\? see "tcpclose restart --help"\n$/,
    ],
    ['{ "restart": { "port": "http" } }', /tcpclose\.config\.json: --port: .*"http".*\n$/],
    ['{ "restart": { "all": "yes" } }', /--all is "yes": write true or false\n$/],
    ['{ "restart": { "port": null } }', /--port is null: write a text or a number\n$/],
    [
      '{ "restart": { "command": "node x" } }',
      /"command" is not a list of words: write \["node", "server.js"\]\n$/,
    ],
  ])('%s is refused in one line', async (content, message) => {
    const cwd = project({ 'tcpclose.config.json': content });
    const { stdout, stderr, status } = await tcpclose(['restart', '--', 'true'], { cwd });
    const { stderr: withoutCommand } = await tcpclose(['restart'], { cwd });
    expect([stdout, status]).toEqual(['', 2]);
    expect(content.includes('command') ? withoutCommand : stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  test('that cannot be read does not keep help from being printed', async () => {
    const cwd = project({ 'tcpclose.config.json': '{' });
    expect(await tcpclose(['restart', '--help'], { cwd })).toMatchObject({ status: 0, stderr: '' });
  });
});
