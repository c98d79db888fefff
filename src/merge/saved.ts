import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { type Harmless, harmless, withoutByteOrderMark } from '../foreign.ts';
import { reasonOf } from '../system-error.ts';

/** The parts of a saved document that are merged. Documents come from other machines and are not trusted. */
const machine = v.object({
  host: v.string(),
  kernel: v.string(),
  settings: v.record(v.string(), v.string()),
});

const claims = v.object({
  schemaVersion: v.literal(1),
  machine,
  claims: v.array(v.object({ id: v.string(), claim: v.string(), finding: v.string() })),
});

const audit = v.object({
  schemaVersion: v.literal(1),
  machine,
  verdict: v.string(),
  findings: v.array(v.object({ kind: v.string(), severity: v.string(), count: v.number() })),
});

export type SavedMachine = v.InferOutput<typeof machine>;

export type Saved =
  | ({ readonly kind: 'claims' } & v.InferOutput<typeof claims>)
  | ({ readonly kind: 'audit' } & v.InferOutput<typeof audit>);

/** A document, or why that place has none: `run.json`, or `all.ndjson:12`. */
type Read =
  | { readonly from: Harmless; readonly document: Saved }
  | { readonly from: Harmless; readonly reason: Harmless };

/** Every document of a file, one at a time; `-` is standard input. A file has one document, or one per line. */
export async function* readSaved(path: string): AsyncGenerator<Read> {
  const name = harmless(path === '-' ? 'standard input' : path);
  try {
    if (path === '-' || hasLines(path)) yield* readLines(path, name);
    else yield understood(readFileSync(path, 'utf8'), name);
  } catch (error) {
    yield { from: name, reason: reasonOf(error) };
  }
}

const looked = 1 << 20;

/** Whether the first line is a whole document, so that the other lines are too. */
function hasLines(path: string): boolean {
  if (!statSync(path).isFile()) return true;
  const buffer = Buffer.alloc(looked);
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, buffer, 0, looked, 0);
    const end = buffer.subarray(0, read).indexOf('\n');
    return end !== -1 && isWhole(buffer.toString('utf8', 0, end));
  } finally {
    closeSync(file);
  }
}

function isWhole(line: string): boolean {
  if (!line.trim().endsWith('}')) return false;
  try {
    JSON.parse(withoutByteOrderMark(line));
    return true;
  } catch {
    return false;
  }
}

async function* readLines(path: string, name: string): AsyncGenerator<Read> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() !== '') yield understood(line, harmless(`${name}:${number}`));
  }
}

function understood(text: string, from: Harmless): Read {
  let content: unknown;
  try {
    content = JSON.parse(withoutByteOrderMark(text));
  } catch {
    return { from, reason: harmless('it is not JSON') };
  }
  for (const [kind, schema] of [
    ['claims', claims],
    ['audit', audit],
  ] as const) {
    const result = v.safeParse(schema, content);
    // The schemas differ in what they require: a document belongs to the first one that it fits.
    if (result.success) return { from, document: { kind, ...result.output } as Saved };
  }
  return {
    from,
    reason: harmless('it is not a document of "tcpclose audit --json" or "tcpclose claims --json"'),
  };
}

/** The name of the file, for hosts that all have the same name, as containers do. */
export function fileName(from: string): string {
  return basename(from).replace(/\.(?:nd)?jsonl?$/, '');
}
