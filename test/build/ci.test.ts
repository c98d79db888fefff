import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../../src/cli/commands.ts';
import { firstFiles } from '../../src/cli/init/files.ts';
import { packagePath } from '../../src/package.ts';
import { action, runAction, whyNoSetUp } from '../support/action.ts';
import { readJenkinsfile } from '../support/jenkinsfile.ts';
import { junitErrors } from '../support/junit.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { actionErrors, workflowErrors } from '../support/workflow.ts';

const folder = temporaryFolder('ci');

const read = (path: string) => readFileSync(packagePath(path), 'utf8');
let runs = 0;
function run(inputs: Readonly<Record<string, string>>, steps?: 'all steps') {
  const at = join(folder, String(++runs));
  mkdirSync(join(at, 'below'), { recursive: true });
  return runAction(at, inputs, steps);
}

describe('the GitHub Action', () => {
  test('is composite, and names its inputs and outputs', () => {
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

  test('a tcpclose that may not be executed gets the remedy for that', () => {
    const at = join(folder, 'not-executable');
    mkdirSync(join(at, 'node_modules/.bin'), { recursive: true });
    writeFileSync(join(at, 'node_modules/.bin/tcpclose'), '#!/usr/bin/env node\n', { mode: 0o644 });
    const { status, stdout } = runAction(at, { command: 'audit' });
    expect(stdout).toMatch(/^::error title=tcpclose::.*\(EACCES\): make it executable/m);
    expect(status).toBe(2);
  });

  test('test and audit run without a server', () => {
    const { status, summary, outputs } = run({ command: 'test', args: 'shut-rd\nshut-wr' });
    expect([status, outputs['status']]).toEqual([0, '0']);
    expect(summary).toMatch(/^### tcpclose test\n\n[\s\S]*2 passed/);
    const audit = run({ command: 'audit', args: `--pid ${process.pid}\n--for 0` });
    expect([audit.status, audit.stderr]).toEqual([0, '']);
  });

  test(
    'every step runs: the set-up finds Node 20 among those of the runner, and the next step runs with it',
    unless(whyNoSetUp()),
    () => {
      const inputs = { command: 'test', args: 'shut-rd', 'working-directory': 'below' };
      const { status, stdout, path, outputs } = run(inputs, 'all steps');
      expect(stdout).toContain(`Found in cache @ `);
      expect(path).toMatch(/^[^:]+\/tools\/node\/20\.[^:]+\/bin:/);
      expect([status, outputs['status']]).toEqual([0, '0']);
    },
  );

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

const isYaml = (path: string) => path.endsWith('.yml');
const codeIn = (page: string) =>
  [...read(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, code = '']) => [page, code] as const);
const pipelines: readonly (readonly [name: string, text: string])[] = [
  ['action.yml', read('action.yml')],
  ['examples/ci/github.yml', read('examples/ci/github.yml')],
  ['examples/ci/gitlab.yml', read('examples/ci/gitlab.yml')],
  ...Object.entries(firstFiles).filter(([path]) => isYaml(path)),
  ...codeIn('docs/ci.md'),
];

test.each(pipelines)('%s is YAML', (_, text) => {
  expect(parse(text)).toBeTypeOf('object');
});

describe('the parser of GitHub', () => {
  const steps = (text: string) => `on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n${text}`;
  const indented = (text: string) => text.replace(/^(?=.)/gm, '      ');
  const workflows = pipelines.flatMap(([name, text]) => {
    const value = parse(text);
    // A page shows steps alone, too.
    if (Array.isArray(value)) return [[name, steps(indented(text))]];
    return typeof value === 'object' && 'on' in value ? [[name, text]] : [];
  });

  test('accepts the action, and refuses it with a shell left out', () => {
    const text = read('action.yml');
    expect(actionErrors('action.yml', text)).toEqual([]);
    expect(actionErrors('action.yml', text.replace(/ +shell: bash\n/, ''))).not.toEqual([]);
  });

  test('accepts every workflow, and refuses a word or an expression that it does not know', async () => {
    expect(workflows.map(([name]) => name)).toEqual(
      expect.arrayContaining(['examples/ci/github.yml', ...Object.keys(firstFiles).filter(isYaml)]),
    );
    for (const [name = '', text = ''] of workflows) {
      expect(await workflowErrors(name, text), name).toEqual([]);
      expect(await workflowErrors(name, text.replace('steps:', 'step:')), name).not.toEqual([]);
    }
    const [, github = ''] = workflows.find(([name]) => name === 'examples/ci/github.yml') ?? [];
    expect(await workflowErrors('', github.replace('always()', 'always('))).not.toEqual([]);
    expect(await workflowErrors('', github.replace('always()', 'ever()'))).not.toEqual([]);
  });
});

test('Groovy and Jenkins accept the Jenkinsfile, and refuse a lost brace, quote or section', async () => {
  const text = read('examples/ci/Jenkinsfile');
  expect((await readJenkinsfile(text)).errors).toEqual([]);
  for (const [right, wrong] of [
    [/\}\s*$/, ''],
    ["sh 'npm ci'", "sh 'npm ci"],
    ['post {', 'post }'],
    ['always {', 'ever {'],
    ['stages {', 'stage {'],
    [/ +agent [^\n]*\n/, ''],
  ] as const)
    expect((await readJenkinsfile(text.replace(right, wrong))).errors, wrong).not.toEqual([]);
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
