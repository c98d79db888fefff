import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface Import {
  /** Relative to src, as is `to`. */
  readonly from: string;
  readonly to: string;
  /** A type is gone at run time; what is imported by a call is loaded later. */
  readonly kind: 'value' | 'type' | 'later';
}

export const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();

const names = String.raw`(?:\{[^}]*\}|\*(?: as \w+)?|\w+(?:,\s*\{[^}]*\})?)`;
const statement = new RegExp(String.raw`^(?:import|export) (type )?(?:${names} from )?'(\.[^']+)'`, 'gm');
const call = /(typeof )?\bimport\(\s*'(\.[^']+)'/g;

/** What a file of src imports from others of src. */
export function importsOf(from: string): Import[] {
  const text = readFileSync(join('src', from), 'utf8');
  const to = (path: string | undefined) => normalize(join(dirname(from), path ?? ''));
  return [
    ...[...text.matchAll(statement)].map(
      ([, type, path]): Import => ({ from, to: to(path), kind: type === undefined ? 'value' : 'type' }),
    ),
    ...[...text.matchAll(call)].map(
      ([, type, path]): Import => ({ from, to: to(path), kind: type === undefined ? 'later' : 'type' }),
    ),
  ];
}

/** The folder of src that a file lies in; undefined for those that lie beside the rooms. */
export function roomOf(file: string): string | undefined {
  return file.includes('/') ? file.split('/')[0] : undefined;
}

/** A circle of files that import each other; undefined if there is none. */
export function circle(imports: readonly Import[]): string[] | undefined {
  const done = new Set<string>();
  const search = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { from, to } of imports) {
      const found = from === file ? search(to, [...path, file]) : undefined;
      if (found !== undefined) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const { from } of imports) {
    const found = search(from, []);
    if (found !== undefined) return found;
  }
  return undefined;
}
