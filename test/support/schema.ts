import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

/** What is wrong with a document by the JSON Schema that the package carries; nothing if all is well. */
export function schemaErrors(name: string, document: unknown): string[] {
  const path = new URL(`../../dist/schema/${name}.schema.json`, import.meta.url);
  const validate = new Ajv({ allErrors: true, strict: true }).compile(JSON.parse(readFileSync(path, 'utf8')));
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
