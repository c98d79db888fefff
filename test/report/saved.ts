import { readFileSync } from 'node:fs';

/** A document that a real run has printed. */
export function saved<Document>(name: string): Document {
  const read = (file: string) => readFileSync(new URL(`saved/${file}`, import.meta.url), 'utf8');
  if (name !== 'watch') return JSON.parse(read(`${name}.json`));
  return JSON.parse(`[${read('watch.ndjson').trim().split('\n').join(',')}]`);
}
