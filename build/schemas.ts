import { mkdirSync, writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { documents } from '../src/report/documents/documents.ts';

/** Writes the JSON Schema of every document that a command prints, as `<name>.schema.json`. */
export function writeSchemas(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, schema] of Object.entries(documents)) {
    const text = JSON.stringify(toJsonSchema(schema), null, 2);
    writeFileSync(`${folder}/${name}.schema.json`, `${text}\n`);
  }
}
