import { isThisNetwork, type Place } from '../../observe/place.ts';

/** Files by path; those that cannot be read are missing. */
export type Texts = ReadonlyMap<string, string>;

/** Several files of a place: behind a launcher a single program reads them, because each start there takes time. */
export async function readTexts(place: Place, paths: readonly string[], signal: AbortSignal): Promise<Texts> {
  if (!isThisNetwork(place)) {
    const { stdout } = await place.run(['sh', '-c', script, 'sh', ...paths], signal);
    return parseTexts(stdout);
  }
  const texts = await Promise.all(paths.map(async (path) => [path, await place.read(path, signal)] as const));
  return new Map(texts.flatMap(([path, text]) => (text === null ? [] : [[path, text]])));
}

// One line for each file, with \1 for the end of a line. A pattern such as *.conf stands for all files that match.
const script = `
for f in "$@"; do
  for g in $f; do
    [ -r "$g" ] && { printf '%s ' "$g"; tr '\\n' '\\001' < "$g"; echo; }
  done
done 2>/dev/null
:`;

export function parseTexts(output: string): Texts {
  const texts = new Map<string, string>();
  for (const line of output.split('\n')) {
    const at = line.indexOf(' ');
    if (at > 0) texts.set(line.slice(0, at), line.slice(at + 1).replaceAll('\u0001', '\n'));
  }
  return texts;
}
