import { UsageError } from '../errors.ts';
import { type CatalogueEntry, catalogue, type LoadedScenario, loadEntry } from '../scenario/catalogue.ts';

/** Whether that is its name: `server-first` or `order/server-first`. */
export function isNamed({ name, topic }: CatalogueEntry, text: string): boolean {
  return name === text || `${topic}/${name}` === text;
}

/**
 * The scenario of that name.
 * @throws UsageError that offers the nearest name
 */
export function findScenario(text: string): CatalogueEntry {
  const found = catalogue().find((entry) => isNamed(entry, text));
  if (found === undefined) throw unknownScenario(text);
  return found;
}

export function unknownScenario(text: string): UsageError {
  const ofTopic = catalogue().filter(({ topic }) => topic === text);
  if (ofTopic.length > 0) {
    const names = ofTopic.map(({ name }) => name).join(', ');
    return new UsageError('unknown-scenario', `"${text}" is a topic, not a scenario: choose one of ${names}`);
  }
  const nearest = nearestTo(
    text,
    catalogue().flatMap((entry) => [entry.name, entry.topic]),
  );
  const offer =
    nearest === undefined ? 'see "tcpclose list"' : `did you mean "${nearest}"? See "tcpclose list"`;
  return new UsageError('unknown-scenario', `there is no scenario "${text}": ${offer}`);
}

/**
 * The scenarios of these names and topics; of no name, all. `quick` leaves out the slow ones that are not asked for by name.
 * @throws UsageError for a name that is neither
 */
export async function findScenarios(
  names: readonly string[],
  which: 'quick' | 'all',
): Promise<LoadedScenario[]> {
  const entries = catalogue();
  const topics = new Set(entries.map(({ topic }) => topic));
  const byTopic = names.length === 0 ? entries : entries.filter(({ topic }) => names.includes(topic));
  const byName = names.filter((name) => !topics.has(name)).map(findScenario);
  const ofTopics = await Promise.all(byTopic.map(loadEntry));
  const quick = ofTopics.filter(({ scenario }) => which === 'all' || scenario.slow === null);
  const named = await Promise.all(byName.map(loadEntry));
  const chosen = new Map([...quick, ...named].map((loaded) => [loaded.file, loaded]));
  return [...chosen.values()];
}

/** The word that takes the fewest edits, if these are few enough to be a slip. */
export function nearestTo(word: string, known: readonly string[]): string | undefined {
  const distances = known.map((candidate) => ({ candidate, edits: editDistance(word, candidate) }));
  const nearest = distances.sort((a, b) => a.edits - b.edits)[0];
  return nearest !== undefined && nearest.edits <= Math.max(2, word.length / 3)
    ? nearest.candidate
    : undefined;
}

// Levenshtein's, row by row.
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
