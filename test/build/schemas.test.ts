import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { packagePath } from '../../src/package.ts';
import { tcpclose } from '../support/program.ts';
import { breakingChanges, type Schema } from '../support/schema-changes.ts';
import { somePort } from '../support/sockets.ts';

const releases = readdirSync(packagePath('schemas')).sort((a, b) =>
  a.localeCompare(b, undefined, { numeric: true }),
);
const previous = releases.at(-1) ?? '';
const names = readdirSync(packagePath(`schemas/${previous}`)).map((file) => file.split('.')[0] ?? '');

const read = (path: string) => JSON.parse(readFileSync(packagePath(path), 'utf8'));
const schemaOf = (name: string): Schema => read(`dist/schema/${name}.schema.json`);
const previousSchemaOf = (name: string): Schema => read(`schemas/${previous}/${name}.schema.json`);

/** Changes with a reason, which docs/schemas.md gives. */
const accepted: Readonly<Record<string, readonly string[]>> = { watch: ['.port may be null'] };

describe(`since ${previous}`, () => {
  test.each(names)('nothing that a reader of %s counts on has changed', (name) => {
    const changes = breakingChanges(previousSchemaOf(name), schemaOf(name));
    expect(changes).toEqual(accepted[name] ?? []);
    const page = readFileSync(packagePath('docs/schemas.md'), 'utf8');
    for (const change of changes) expect(page).toContain(`\`${name}${change.split(' ')[0]}\``);
  });

  test.each([
    ['demo', 'run'],
    ['test', 'suite'],
    ['claims', 'claims'],
    ['matrix', 'matrix'],
    ['restart', 'restart'],
    ['why', 'why'],
  ])('a document of %s is valid by the schema of then', (name, file) => {
    expect(errorsBy(name, read(`test/report/saved/${file}.json`))).toEqual([]);
  });

  test('what commands print now is valid by the schemas of then', async () => {
    const port = String(somePort());
    for (const args of [['list'], ['explain', 'FIN_WAIT2'], ['why', port], ['demo', 'shut-rd']]) {
      const { stdout } = await tcpclose([...args, '--json']);
      expect(errorsBy(args[0] ?? '', JSON.parse(stdout))).toEqual([]);
    }
    const { stdout } = await tcpclose(['watch', port, '--for', '50ms', '--json']);
    for (const line of stdout.trimEnd().split('\n')) expect(errorsBy('watch', JSON.parse(line))).toEqual([]);
  });
});

function errorsBy(name: string, document: unknown): string[] {
  const validate = new Ajv({ allErrors: true, strict: true }).compile(previousSchemaOf(name));
  validate(document);
  // A new value of a choice is allowed.
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'enum');
  return errors.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('every schema has an $id with the version of its documents', () => {
  for (const file of readdirSync(packagePath('dist/schema'))) {
    const [name = ''] = file.split('.');
    expect(schemaOf(name)['$id']).toBe(`urn:tcpclose:${name}:1`);
    const versions = [...JSON.stringify(schemaOf(name)).matchAll(/"schemaVersion":\{"const":(\d+)/g)];
    expect(new Set(versions.map(([, version]) => version))).toEqual(new Set(['1']));
  }
});

describe('a change that breaks readers is noticed', () => {
  const object = (properties: Record<string, Schema>, required = Object.keys(properties)): Schema => ({
    type: 'object',
    properties,
    required,
  });
  const text: Schema = { type: 'string' };
  const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

  test.each<[string, Schema, Schema, string[]]>([
    ['a field that is gone', object({ a: text }), object({}), ['.a is gone']],
    ['a field that may be missing', object({ a: text }), object({ a: text }, []), ['.a may be missing']],
    ['null', object({ a: text }), object({ a: orNull(text) }), ['.a may be null']],
    [
      'another type',
      object({ a: text }),
      object({ a: { type: 'number' } }),
      ['.a may be number', '.a is never string'],
    ],
    ['a value that is gone', { enum: ['x', 'y'] }, { enum: ['x'] }, [' is never "y"']],
    [
      'in an array of variants',
      { type: 'array', items: { anyOf: [object({ type: { const: 'x' }, a: text })] } },
      { type: 'array', items: { anyOf: [object({ type: { const: 'x' } })] } },
      ['[].a is gone'],
    ],
    ['but a new field is none', object({}), object({ a: text }), []],
    ['and a new value is none', { enum: ['x'] }, { enum: ['x', 'y'] }, []],
  ])('%s', (_, before, now, changes) => {
    expect(breakingChanges(before, now)).toEqual(changes);
  });
});
