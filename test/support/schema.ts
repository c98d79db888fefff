import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

// Compiling one takes a tenth of a second.
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a document by the JSON Schema that the package carries; nothing if all is well. */
export function schemaErrors(name: string, document: unknown): string[] {
  const validate = compiled.get(name) ?? compile(name);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function compile(name: string): ValidateFunction {
  const path = new URL(`../../dist/schema/${name}.schema.json`, import.meta.url);
  const validate = new Ajv({ allErrors: true, strict: true }).compile(JSON.parse(readFileSync(path, 'utf8')));
  compiled.set(name, validate);
  return validate;
}
