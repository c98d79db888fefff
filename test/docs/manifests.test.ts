import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { packagePath } from '../../src/package.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

const kubernetes = 'kubernetes-models';

test('the manifests of the documents have no field or value that Kubernetes does not know', async () => {
  const manifests = await allManifests();
  expect(manifests.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['DaemonSet', 'Job']));
  expect(typeErrors(manifests)).toBe('');
});

test('a misspelled field, an unknown value and a missing field are noticed', () => {
  const container = { name: 'a', image: 'b', securityContext: { capabilitys: {} } };
  const spec = { restartPolicy: 'never', containers: [container, { image: 'b' }] };
  const errors = typeErrors([{ apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec } } }]);
  expect(errors).toContain(`'"capabilitys"' does not exist`);
  expect(errors).toContain('"never"');
  expect(errors).toContain('Property \'"name"\' is missing');
});

async function allManifests(): Promise<Manifest[]> {
  const files = await glob(['*.md', 'docs/*.md', 'examples/**/*.{md,yml,yaml}'], { cwd: packagePath('.') });
  return files.flatMap((file) => {
    const text = readFileSync(packagePath(file), 'utf8');
    const blocks = file.endsWith('.md')
      ? [...text.matchAll(/^```ya?ml\n(.*?)^```$/gms)].map(([, block = '']) => block)
      : [text];
    const documents = blocks.flatMap((block) => parseAllDocuments(block).map((one) => one.toJS()));
    return documents.filter((one) => typeof one === 'object' && one !== null && 'apiVersion' in one);
  });
}

/** What the compiler says of them as literals of the types of Kubernetes: there a field that is not known is an error. */
function typeErrors(manifests: readonly Manifest[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  try {
    const lines = manifests.map((manifest, at) => {
      const type = `import('${kubernetes}/${manifest.apiVersion}/${manifest.kind}').I${manifest.kind}`;
      return `export const manifest${at}: ${type} = ${JSON.stringify(manifest, null, 1)};\n`;
    });
    writeFileSync(join(folder, 'manifests.ts'), lines.join(''));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const { stdout } = spawnSync(packagePath('node_modules/.bin/tsc'), ['--project', folder], {
      encoding: 'utf8',
    });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const settings = {
  compilerOptions: {
    ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true },
    ...{ module: 'esnext', moduleResolution: 'bundler', types: [] },
    paths: { [`${kubernetes}/*`]: [packagePath(`node_modules/${kubernetes}/*`)] },
  },
  files: ['manifests.ts'],
};
