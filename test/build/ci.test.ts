import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../../src/cli/commands.ts';
import { firstFiles } from '../../src/cli/init/files.ts';
import { packagePath } from '../../src/package.ts';
import { action, runAction } from '../support/action.ts';
import { junitErrors } from '../support/junit.ts';
import { tcpclose } from '../support/program.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('ci');

const read = (path: string) => readFileSync(packagePath(path), 'utf8');
let runs = 0;
function run(inputs: Readonly<Record<string, string>>) {
  const at = join(folder, String(++runs));
  mkdirSync(at);
  return runAction(at, inputs);
}

describe('the GitHub Action', () => {
  test('is composite, and names what it takes and gives', () => {
    expect(action.runs.using).toBe('composite');
    expect(action.runs.steps[0].with).toEqual({ 'node-version': 20 });
    // An input in the text of a script would be a part of it.
    for (const { run = '' } of action.runs.steps) expect(run).not.toContain('${{');
    expect(Object.keys(action.outputs)).toEqual(['status', 'junit', 'json']);
  });

  test('restart: the cause is annotated and in the summary, and the reports are outputs', () => {
    const server = `exec ${process.execPath} -e "process.on('SIGTERM', () => {}); require('net').createServer().listen(${somePort()})"`;
    const { status, stdout, summary, outputs } = run({
      command: 'restart',
      server,
      args: '--stop-timeout 400ms\n\n  --settle 100ms  ',
    });
    expect(stdout).toMatch(
      /^::error title=tcpclose restart%3A [^\n]*::signal-ignored: [^\n]+ Remedy: [^\n]+$/m,
    );
    expect(status).toBe(1);
    expect(outputs['status']).toBe('1');
    expect(junitErrors(readFileSync(outputs['junit'] ?? '', 'utf8'))).toEqual([]);
    expect(JSON.parse(readFileSync(outputs['json'] ?? '', 'utf8'))).toMatchObject({ verdict: 'fails' });
    expect(summary).toMatch(/^### tcpclose restart\n/);
    expect(summary).toContain('Remedy: ');
  });

  test('test and audit run without a server', () => {
    const { status, summary, outputs } = run({ command: 'test', args: 'shut-rd\nshut-wr' });
    expect([status, outputs['status']]).toEqual([0, '0']);
    expect(summary).toMatch(/^### tcpclose test\n\n[\s\S]*2 passed/);
    const audit = run({ command: 'audit', args: `--pid ${process.pid}\n--for 0` });
    expect([audit.status, audit.stderr]).toEqual([0, '']);
  });

  test.each([
    [{ command: 'demo' }, 'command is "demo": choose one of test, restart, audit'],
    [{ command: 'restart' }, 'server is missing: give the command that starts it'],
    [{ command: 'audit', server: 'x' }, 'server is for restart alone'],
    [{ command: 'audit\n::error::x' }, 'command is "audit%0A::error::x"'],
  ])('%j is an error in one line', (inputs, says) => {
    const { status, stdout, outputs } = run(inputs);
    expect(stdout).toMatch(/^::error title=tcpclose::[^\n]+\n$/);
    expect(stdout).toContain(says);
    expect([status, outputs['status']]).toEqual([2, '2']);
  });
});

const codeIn = (page: string) =>
  [...read(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, code = '']) => [page, code] as const);
const pipelines: readonly (readonly [name: string, text: string])[] = [
  ['action.yml', read('action.yml')],
  ['examples/ci/github.yml', read('examples/ci/github.yml')],
  ['examples/ci/gitlab.yml', read('examples/ci/gitlab.yml')],
  ...Object.entries(firstFiles).filter(([path]) => path.endsWith('.yml')),
  ...codeIn('docs/ci.md'),
];

test.each(pipelines)('%s is YAML', (_, text) => {
  expect(parse(text)).toBeTypeOf('object');
});

test('each command of the pipelines has the options that it is given', async () => {
  const texts = [...pipelines.map(([, text]) => text), read('examples/ci/Jenkinsfile'), read('docs/ci.md')];
  const calls = texts.flatMap((text) => [...text.matchAll(/tcpclose ([a-z]+ [^\n'`]*)/g)]);
  const given = new Map<string, Set<string>>();
  for (const [, words = ''] of calls) {
    const [command = '', ...args] = (words.split(' -- ')[0] ?? '').split(' ');
    if (!commands.some(({ name }) => name === command)) continue;
    const options = args.filter((arg) => arg.startsWith('--'));
    given.set(command, new Set([...(given.get(command) ?? []), ...options]));
  }
  expect([...given.keys()].sort()).toEqual(expect.arrayContaining(['audit', 'restart', 'run', 'test']));
  for (const [command, options] of given) {
    const { stdout } = await tcpclose([command, '--help']);
    expect([...options].filter((option) => !stdout.includes(`${option} `))).toEqual([]);
  }
});

test('the workflow gives the action inputs that it has', () => {
  const { jobs } = parse(read('examples/ci/github.yml'));
  const step = jobs.restart.steps.find(({ uses = '' }: { uses?: string }) => uses.startsWith('tcpclose/'));
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with)));
});
