import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { nativePart } from '../../src/native/koffi.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder('packed');
const installed = join(folder, 'node_modules/tcpclose');

// What npm would publish, without installing anything beside it.
beforeAll(() => {
  mkdirSync(installed, { recursive: true });
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components', '1']);
});

const scenario = `
  title: 'The side that closes first waits',
  claim: 'The side that closes first is left in TIME_WAIT.',
  source: ['RFC 9293 section 3.6'],
  decides: [],
  control: 'end',
  parameters: { signal: signalName('SIGTERM', 'kill with this signal') },
  async run({ lab, expect, step, signal }) {
    await step('the server closes');
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server);
    await server.end();
    await client.kill(signal);
    await expect(server).state('TIME_WAIT');
  },
`;
const module = `import { scenario, signalName } from 'tcpclose';\nimport { behindZeroWindow } from 'tcpclose/kit';\nexport default scenario({${scenario}});\n`;
const required = `import tcpclose = require('tcpclose');\nimport { behindZeroWindow } from 'tcpclose/kit';\nconst { scenario, signalName } = tcpclose;\nexport = scenario({${scenario}});\n`;

/** What the compiler says of a project that has one file, and checks the declarations of what it uses. */
function compile(name: string, text: string, options: Record<string, unknown>): string {
  const project = join(folder, name.replaceAll(/\W+/g, '-'));
  mkdirSync(project);
  writeFileSync(join(project, text.includes('require(') ? 'mine.cts' : 'mine.mts'), text);
  const compilerOptions = { strict: true, skipLibCheck: false, noEmit: true, target: 'es2023', ...options };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['mine.*'] }));
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', project], { encoding: 'utf8' });
  return stdout;
}

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly typesVersions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

function hasTypes(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'types' in entry;
}

const bare = { lib: ['es2023'], types: [] };

describe('the declarations in the package', () => {
  test.each([
    { name: 'import, nodenext', text: module, options: { module: 'nodenext', ...bare } },
    { name: 'import, with those of browsers', text: module, options: { module: 'nodenext', types: [] } },
    {
      name: 'import, bundler',
      text: module,
      options: { module: 'esnext', moduleResolution: 'bundler', ...bare },
    },
    { name: 'require, nodenext', text: required, options: { module: 'nodenext', ...bare } },
    { name: 'require, node16', text: required, options: { module: 'node16', ...bare } },
  ])('need no other package: $name', ({ name, text, options }) => {
    expect(compile(name, text, options)).toBe('');
  });

  // A compiler that reads "main" and "types" alone, as the current one no longer does.
  test('are found under each name of the package without its exports', () => {
    const { exports, typesVersions } = JSON.parse(
      readFileSync(join(installed, 'package.json'), 'utf8'),
    ) as Manifest;
    const names = Object.entries(exports).flatMap(([name, entry]) => (hasTypes(entry) ? [name] : []));
    const found = typesVersions['*'] ?? {};
    expect(['.', ...Object.keys(found).map((name) => `./${name}`)].sort()).toEqual(names.sort());
    for (const [path = ''] of Object.values(found))
      expect(existsSync(join(installed, path)), path).toBe(true);
  });

  test("agree with Node's own declarations if those are installed", () => {
    const types = join(folder, 'node_modules/@types');
    mkdirSync(types);
    for (const name of ['@types/node', 'undici-types'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    const options = { module: 'nodenext', lib: ['es2023'], types: ['node'] };
    const used = module.replace("'SIGTERM',", "process.env['S'] as NodeJS.Signals,");
    expect(compile('import, beside Node', module, options)).toBe('');
    expect(compile('import, with its signals', used, options)).toBe('');
  });
});

/** The examples of the page, each as a program of its own. */
const examples = [
  ...readFileSync(join(root, 'docs/api.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm),
].map(([, code = '']) => code);

test.each(examples)('docs/api.md compiles: %#', (code) => {
  expect(code).toContain("from 'tcpclose'");
  expect(compile(`example ${examples.indexOf(code)}`, code, { module: 'nodenext', types: [] })).toBe('');
});

/** What a package needs that is not in its own folder. */
function installedBeside(name: string): string[] {
  const { dependencies = {} } = JSON.parse(
    readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'),
  ) as { dependencies?: Record<string, string> };
  return Object.keys(dependencies).filter((needed) => !needed.includes('/'));
}

test('the declarations of tcpclose/jest need no package', () => {
  const mine = "import { freePort } from 'tcpclose/jest';\nexport const { fd } = await freePort();\n";
  expect(compile('jest, bare', mine, { module: 'nodenext', ...bare })).toBe('');
});

test('the matchers of tcpclose/vitest have types', () => {
  symlinkSync(join(root, 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
  const mine = (options: string) =>
    `import { expect } from 'vitest';\nimport { freePort } from 'tcpclose/vitest';\nawait expect(['node']).toSurviveRestart(${options});\nawait expect(process).toLeaveNoSockets();\nexport const { fd } = await freePort();\ndeclare const process: object;\n`;
  const options = { module: 'nodenext', skipLibCheck: true, types: [] };
  expect(compile('vitest, right', mine("{ load: true, settle: '2s' }"), options)).toBe('');
  expect(compile('vitest, wrong', mine('{ rounds: true }'), options)).toContain(
    "'boolean' is not assignable",
  );
});

test('the matchers of tcpclose/jest have types, even if expect is imported', () => {
  const packages = [
    'jest',
    '@jest',
    'expect',
    ...installedBeside('expect'),
    ...installedBeside('@jest/globals'),
  ];
  for (const name of new Set(packages))
    if (!existsSync(join(folder, 'node_modules', name)))
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  const mine = (options: string) =>
    `import { expect } from '@jest/globals';\nimport 'tcpclose/jest';\nawait expect(['node']).toSurviveRestart(${options});\nawait expect({}).toLeaveNoSockets();\n`;
  const options = { module: 'nodenext', skipLibCheck: true, types: [] };
  expect(compile('jest, right', mine("{ load: true, settle: '2s' }"), options)).toBe('');
  expect(compile('jest, wrong', mine('{ rounds: true }'), options)).toContain("'boolean' is not assignable");
});

test('the types of the documents refuse what is not in the schema', () => {
  const wrong = "import { why } from 'tcpclose';\nexport const found: number = (await why(1)).verdict;\n";
  expect(compile('wrong document', wrong, { module: 'nodenext', ...bare })).toContain(
    "Type 'string' is not assignable to type 'number'",
  );
});

test('the package can be required', () => {
  const require = createRequire(join(folder, 'mine.cjs'));
  expect(typeof require('tcpclose').scenario).toBe('function');
  expect(typeof require('tcpclose/kit').reincarnate).toBe('function');
});

test('a project that installs the package need not approve an install script', () => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const installed = Object.keys({ ...dependencies, ...optionalDependencies });
  expect(installed).toContain(nativePart('x64'));
  for (const name of installed) {
    const { version, dependencies = {}, hasInstallScript = false } = packages[`node_modules/${name}`];
    expect({ name, version, dependencies, hasInstallScript }).toEqual({
      ...{ name, version: expect.any(String), dependencies: {}, hasInstallScript: false },
    });
  }
});

test("every install script in the tree was reviewed, which avoids npm's warning", () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean; os?: string[] }>;
  };
  const { allowScripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const scripted = Object.entries(packages)
    .filter(
      ([path, { hasInstallScript, os }]) =>
        path !== '' && hasInstallScript && (os?.includes('linux') ?? true),
    )
    .map(([path]) => path.replace(/.*node_modules\//, ''));
  expect(Object.keys(allowScripts).sort()).toEqual([...new Set(scripted)].sort());
});
