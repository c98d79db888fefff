import { mkdirSync, writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { commands } from '../src/cli/commands.ts';

/** Writes the JSON Schema of every document that a command prints, as `<name>.schema.json`. */
export async function writeSchemas(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { name, document } of commands) {
    if (document === undefined) continue;
    const text = JSON.stringify(toJsonSchema(await document()), null, 2);
    writeFileSync(`${folder}/${name}.schema.json`, `${text}\n`);
  }
}
