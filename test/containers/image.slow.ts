import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { packagePath, packageVersion } from '../../src/package.ts';
import { installed } from '../support/machine.ts';
import { image, noPodman, podmanOfFile } from '../support/podman.ts';
import { unless } from '../support/skips.ts';

const why = noPodman ?? (installed('npm') ? null : 'npm is not installed');

/** Without a registry: the tarball brings what it depends on. */
const bundled = ['@koromix/koffi-linux-x64', '@koromix/koffi-linux-arm64', 'jiti'];

/** As an image of Node has it, npm stands in /usr/local. */
const base = `FROM ${image}
COPY npm /usr/local/lib/node_modules/npm
RUN mkdir -p /usr/local/bin && ln -s /bin/env /usr/bin/env && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
`;

describe('the image of the Containerfile', unless(why), () => {
  const podman = podmanOfFile(why);
  const tcpclose = (...words: readonly string[]) =>
    podman.run('podman', 'run', '--rm', '--network', 'none', 'localhost/tcpclose', ...words);

  beforeAll(() => {
    if (why !== null) return;
    const build = (...words: readonly string[]) =>
      podman.run('podman', 'build', '--quiet', '--network', 'none', '--pull=never', ...words);
    const context = join(podman.folder, 'base');
    mkdirSync(context);
    writeFileSync(join(context, 'Containerfile'), base);
    cpSync(npmFolder(), join(context, 'npm'), { recursive: true });
    build('--tag', 'localhost/base', context);

    const project = join(podman.folder, 'project');
    mkdirSync(project);
    for (const name of ['Containerfile', '.containerignore']) cpSync(packagePath(name), join(project, name));
    const arguments_ = [`BASE=localhost/base`, `PACKAGE=./${pack(project)}`];
    build(...arguments_.flatMap((one) => ['--build-arg', one]), '--tag', 'localhost/tcpclose', project);
  }, 300_000);

  test('prints its version, by its entry point', () => {
    expect(tcpclose('--version')).toBe(packageVersion());
  });

  test('runs a scenario, as an ordinary user without any capability', () => {
    const id = ['--entrypoint', 'id', 'localhost/tcpclose', '-u'];
    expect(podman.run('podman', 'run', '--rm', ...id)).toBe('1000');
    const demo = ['run', '--rm', '--network', 'none', '--cap-drop', 'all', '--read-only'];
    const output = podman.run('podman', ...demo, 'localhost/tcpclose', 'demo', 'client-first', '--json');
    expect(JSON.parse(output)).toMatchObject({ outcome: 'passed', environment: { user: 1000 } });
  });

  test('runs the smoke test as the DaemonSet of docs/anywhere.md does', () => {
    const least = ['--cap-drop', 'all', '--security-opt', 'no-new-privileges', '--read-only'];
    const run = ['podman', 'run', '--rm', '--network', 'none', ...least, 'localhost/tcpclose'];
    const output = podman.run(...run, 'test', 'close', 'wire', '--reporter', 'tap');
    expect(output).toMatch(/^ok \d+ /m);
    expect(output).not.toMatch(/^not ok /m);
  });

  test('does not contain its sources', () => {
    const list = ['--entrypoint', 'ls', 'localhost/tcpclose', '/'];
    const folders = podman.run('podman', 'run', '--rm', ...list).split(/\s+/);
    expect(folders).toContain('usr');
    expect(folders.filter((name) => ['package', 'installed'].includes(name))).toEqual([]);
  });
});

function npmFolder(): string {
  const root = spawnSync('npm', ['root', '--global', '--silent'], { encoding: 'utf8' });
  return join(root.stdout.trim(), 'npm');
}

/** The package as it is published, but with its dependencies inside. @returns its name */
function pack(into: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  try {
    const description = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
    const { devDependencies: _, scripts: _scripts, ...rest } = description;
    const whole = { ...rest, bundleDependencies: Object.keys(rest.dependencies) };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(whole));
    cpSync(packagePath('dist'), join(folder, 'dist'), { recursive: true });
    for (const name of bundled) {
      const from = packagePath(`node_modules/${name}`);
      if (existsSync(from)) cpSync(from, join(folder, 'node_modules', name), { recursive: true });
    }
    const packed = spawnSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', into], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (packed.status !== 0) throw new Error(packed.stderr);
    return packed.stdout.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
