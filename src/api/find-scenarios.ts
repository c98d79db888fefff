import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { UsageError } from '../errors.ts';
import { groupBy } from '../group.ts';
import { nearestTo } from '../nearest.ts';
import type { OwnFiles } from '../scenario/apart/own-files.ts';
import { type CatalogueEntry, catalogue, type LoadedScenario, loadEntry } from '../scenario/catalogue.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isFile, isScenario, loadFile, ownTopic } from '../scenario/user-file.ts';

/** Whether a text is the entry's name: `server-first` or `order/server-first`. */
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
 * One from the catalogue, one from a file, or a scenario itself.
 * @throws UsageError if it is none of these
 */
export async function loadScenario(wanted: string | Scenario): Promise<LoadedScenario> {
  if (typeof wanted !== 'string') return loadedOf(wanted);
  const isKnown = catalogue().some((entry) => isNamed(entry, wanted));
  return !isKnown && isFile(wanted) ? loadFile(wanted) : loadEntry(findScenario(wanted));
}

/** It has no file, so checks have no place. @throws UsageError `no-scenario` */
function loadedOf(scenario: Scenario): LoadedScenario {
  if (!isScenario(scenario))
    throw new UsageError(
      'no-scenario',
      'that is not a scenario: give a name, a file, or what scenario({ ... }) returns',
    );
  return { name: scenario.title, topic: ownTopic, file: '', scenario };
}

/**
 * The scenarios of these names, topics, files and folders; without any, the whole catalogue. `quick` leaves out slow ones that are not
 * named.
 * @throws UsageError if one is none of these
 */
export async function loadScenarios(
  wanted: readonly (string | Scenario)[],
  which: 'quick' | 'all',
  ownFiles: Pick<OwnFiles, 'load'>,
): Promise<LoadedScenario[]> {
  if (!Array.isArray(wanted))
    throw new UsageError('bad-argument', "the scenarios are not an array: give one such as ['server-first']");
  const names = wanted.filter((name) => typeof name === 'string');
  const given = wanted.filter((scenario) => typeof scenario !== 'string').map(loadedOf);
  const entries = catalogue();
  const topics = new Set(entries.map(({ topic }) => topic));
  const files = names.filter((name) => meansFiles(name, entries));
  const byTopic = wanted.length === 0 ? entries : entries.filter(({ topic }) => names.includes(topic));
  const byName = names.filter((name) => !topics.has(name) && !files.includes(name)).map(findScenario);
  const ofTopics = await Promise.all(byTopic.map(loadEntry));
  const quick = ofTopics.filter(({ scenario }) => which === 'all' || scenario.slow === null);
  const named = await Promise.all(byName.map(loadEntry));
  const own = await ownFiles.load(files);
  const chosen = new Map([...quick, ...named, ...own].map((loaded) => [loaded.file, loaded]));
  return numbered(withNamesApart([...chosen.values(), ...given]));
}

function meansFiles(name: string, entries: readonly CatalogueEntry[]): boolean {
  if (entries.some((entry) => entry.topic === name || isNamed(entry, name))) return false;
  return isFile(name) || existsSync(name);
}

// A title is no name: several scenarios that were given may have the same.
function numbered(scenarios: readonly LoadedScenario[]): LoadedScenario[] {
  const seen = new Map<string, number>();
  return scenarios.map((loaded) => {
    const { name } = loaded;
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return number === 1 ? loaded : { ...loaded, name: `${name} #${number}` };
  });
}

// Reports distinguish scenarios by their names.
function withNamesApart(scenarios: readonly LoadedScenario[]): LoadedScenario[] {
  const byName = groupBy(scenarios, ({ name }) => name);
  return scenarios.map((loaded) =>
    loaded.file !== '' && loaded.topic === ownTopic && byName.get(loaded.name)?.length !== 1
      ? { ...loaded, name: relative(process.cwd(), loaded.file) }
      : loaded,
  );
}
