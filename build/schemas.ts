import { mkdirSync, writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { commands } from '../src/cli/commands.ts';

/** Of every document; a change that breaks readers raises it in the document's own schema. */
const currentVersion = 1;

/** Writes the JSON Schema of every document that a command prints, as `<name>.schema.json`. */
export async function writeSchemas(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { name, document } of commands) {
    if (document === undefined) continue;
    const { $schema, ...schema } = toJsonSchema(await document());
    const $id = `urn:tcpclose:${name}:${currentVersion}`;
    const text = JSON.stringify({ $schema, $id, title: `tcpclose ${name} --json`, ...schema }, null, 2);
    writeFileSync(`${folder}/${name}.schema.json`, `${text}\n`);
  }
}
