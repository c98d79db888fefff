import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { nativePart } from '../../src/native/koffi.ts';
import { packagePath } from '../../src/package.ts';
import { runAction } from '../support/action.ts';
import { readJenkinsfile } from '../support/jenkinsfile.ts';
import { junitErrors } from '../support/junit.ts';
import { somePort } from '../support/sockets.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const read = (path: string) => readFileSync(packagePath(path), 'utf8');
const { restart: gitlab } = parse(read('examples/ci/gitlab.yml'));
const github = parse(read('examples/ci/github.yml')).jobs.restart.steps;

/** What the pipelines of the examples run, each line by a shell, as their runners do. */
const pipelines: Readonly<
  Record<string, { readonly script: readonly string[]; readonly after: readonly string[] }>
> = {
  'gitlab.yml': { script: gitlab.script, after: gitlab.after_script },
  Jenkinsfile: {
    script: (await readJenkinsfile(read('examples/ci/Jenkinsfile'))).commands,
    after: [],
  },
};

const server = (onSigterm: string) => `let stopping = false;
const server = require('node:http').createServer((_, response) => {
  if (stopping) response.setHeader('Connection', 'close');
  setTimeout(() => response.end('hello'), 20);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => { ${onSigterm} });
`;
const right = server('stopping = true; setTimeout(() => server.close(), 1000);');
const broken = server('process.exit(0);');

/** A team's project, with the package from its tarball, and the files of "tcpclose init". */
const project = temporaryFolder('pipelines');
const tools = temporaryFolder('gitlab');

const { VITEST: _, ...inherited } = process.env;
const env = {
  ...inherited,
  ...{ CI: 'true', NO_COLOR: '1', PORT: String(somePort()) },
  ...{ npm_config_offline: 'true', npm_config_ignore_scripts: 'true', npm_config_audit: 'false' },
};

function shell(line: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', line], { cwd: project, encoding: 'utf8', env });
  return { status, output: `${stdout}${stderr}` };
}

beforeAll(() => {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: packagePath('.') });
  const local = (name: string) => `file:${realpathSync(packagePath(`node_modules/${name}`))}`;
  const native = nativePart(process.arch);
  const [tarball = ''] = execFileSync('ls', [project], { encoding: 'utf8' }).split('\n');
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      private: true,
      devDependencies: { [native]: local(native), jiti: local('jiti'), tcpclose: `file:${tarball}` },
    }),
  );
  expect(shell('npm install --no-package-lock')).toMatchObject({ status: 0 });
  // In a registry's package these are no links.
  for (const name of ['@koromix', 'jiti']) {
    rmSync(join(project, 'node_modules', name), { recursive: true, force: true });
    cpSync(packagePath(`node_modules/${name}`), join(project, 'node_modules', name), { recursive: true });
  }
  expect(shell('npx tcpclose init')).toMatchObject({ status: 0 });
});

describe.each(Object.entries(pipelines))('%s', (_name, { script, after }) => {
  test('passes with a server that drains, and leaves its reports', () => {
    expect(script.length).toBeGreaterThan(2);
    writeFileSync(join(project, 'server.js'), right);
    // What it installs is there already, taken from here.
    for (const line of script.filter((line) => line !== 'npm ci')) {
      const { status, output } = shell(line);
      expect(status, `${line}\n${output}`).toBe(0);
    }
    // GitLab does not look at its status. It audits the whole machine, where other tests run, too.
    for (const line of after) {
      const { status, output } = shell(line);
      expect([0, 1], `${line}\n${output}`).toContain(status);
    }
    for (const report of ['restart.xml', 'scenarios.xml'])
      expect(junitErrors(readFileSync(join(project, report), 'utf8'))).toEqual([]);
    if (after.length > 0) expect(existsSync(join(project, 'audit.md'))).toBe(true);
  });

  test('fails with a server that does not, with the cause in its report', () => {
    writeFileSync(join(project, 'server.js'), broken);
    const line = script.find((line) => line.includes('tcpclose restart')) ?? '';
    const { status, output } = shell(line);
    expect(status, output).toBe(1);
    expect(readFileSync(join(project, 'restart.xml'), 'utf8')).toMatch(
      /<failure[^>]* type="[a-z-]+"[\s\S]*Remedy: /,
    );
  });
});

/** It brings GitLab's own schema. This is the last version that runs on Node 20. */
const gitlabCiLocal = 'gitlab-ci-local@4.72.0';

test('gitlab-ci-local accepts gitlab.yml, and refuses a word that GitLab does not know', ({ skip, task }) => {
  const install = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', tools];
  const { status, stderr } = spawnSync('npm', [...install, gitlabCiLocal], {
    encoding: 'utf8',
    env: { ...env, npm_config_offline: 'false', npm_config_prefer_offline: 'true' },
  });
  if (status !== 0) {
    task.meta.skipped = `${gitlabCiLocal} cannot be installed: ${stderr.trim().split('\n').at(-1)}`;
    skip(task.meta.skipped);
  }
  execFileSync('git', ['init', '--quiet', tools]);
  execFileSync('git', ['-C', tools, 'remote', 'add', 'origin', 'git@gitlab.com:team/server.git']);
  const list = (text: string) => {
    writeFileSync(join(tools, '.gitlab-ci.yml'), text);
    const program = join(tools, 'node_modules/.bin/gitlab-ci-local');
    const { stdout, stderr } = spawnSync(program, ['--list'], { cwd: tools, encoding: 'utf8', env });
    return stdout + stderr;
  };
  const text = read('examples/ci/gitlab.yml');
  expect(list(text)).toMatch(/^restart [\s\S]*\njson schema validated/m);
  expect(list(text.replace('when: always', 'when: ever'))).toContain("'when' property must be one of");
});

describe("the action in the project's workflow", () => {
  const { with: inputs } = github.find(({ uses = '' }: { uses?: string }) => uses.startsWith('tcpclose/'));

  test('runs the tcpclose that the project has installed', () => {
    writeFileSync(join(project, 'server.js'), right);
    process.env['PORT'] = env.PORT;
    const { status, outputs, stdout, stderr } = runAction(project, inputs);
    expect(status, stdout + stderr).toBe(0);
    expect(JSON.parse(readFileSync(outputs['json'] ?? '', 'utf8'))).toMatchObject({ verdict: 'survives' });
  });

  test('annotates what breaks it', () => {
    writeFileSync(join(project, 'server.js'), broken);
    process.env['PORT'] = env.PORT;
    const { status, stdout, summary } = runAction(project, inputs);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error title=[^\n]*Remedy: /m);
    expect(summary).toContain('Remedy: ');
  });
});
