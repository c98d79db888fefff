/** Finds the word that the user means: in any spelling, or in a message of a program. */
import { constants } from 'node:os';
import { nearestTo } from '../nearest.ts';
import { spelled } from './spellings.ts';
import { type Word, words } from './words.ts';

/** A word in any of its spellings: `time-wait`, `net/ipv4/tcp_fin_timeout`, `shutdown(2)`, `read ECONNRESET`. */
export function findWord(text: string): Word | undefined {
  const call = withoutCall(text);
  return (
    exactly(call) ?? byBare.get(bare(text)) ?? byBare.get(bare(call)) ?? ofNumber(text) ?? inMessage(text)
  );
}

const byName = new Map(words.map((word) => [word.name, word]));

/** Case tells the option TCP_FASTOPEN from the setting tcp_fastopen, and the state LISTEN from the call. */
function exactly(text: string): Word | undefined {
  return byName.get(text) ?? words.find(({ name }) => name.endsWith(`.${text}`));
}

/** `net.Socket#end`, `http.Server.close()`, `listen(2)`. */
function withoutCall(text: string): string {
  return text
    .trim()
    .replace(/\(\d?\)$/, '')
    .replace(/^(?:net|https?|tls)\.(Server|Socket)[.#]/, (_, kind: string) => `${kind.toLowerCase()}.`);
}

// ss (FIN-WAIT-1) and RFC 9293 differ in hyphens, settings may come with their folder, and nstat(8) puts TcpExt before a counter.
function bare(text: string): string {
  return text
    .trim()
    .toUpperCase()
    .replace(/^NET::/, '')
    .replace(/^\/?PROC\/SYS\//, '')
    .replace(/^(NET[./](IPV4|IPV6|CORE|NETFILTER)|KERNEL[./]YAMA|FS)[./]/, '')
    .replace(/^TCPEXT(?=.)/, '')
    .replace(/(?<=.)\(\d?\)$/, '')
    .replaceAll(/[-_. ]/g, '');
}

/** Later entries replace earlier ones: spellings replace names, and names replace counters of Tcp with the prefix of nstat(8). */
const byBare = new Map<string, Word>([
  ...words.flatMap((word) => (word.kind === 'counter' ? entry(`TCP${bare(word.name)}`, word) : [])),
  ...[...words].reverse().flatMap((word) => entry(bare(word.name), word)),
  ...spelled.flatMap(([spelling, name]) => entry(bare(spelling), byName.get(name))),
]);

function entry(key: string, word: Word | undefined): [string, Word][] {
  return word === undefined ? [] : [[key, word]];
}

/** `98`, `errno 98`, `[Errno 98] Address already in use`, `os error 98`. */
function ofNumber(text: string): Word | undefined {
  const number =
    /^(\d{1,3})$/.exec(text.trim())?.[1] ?? /\b(?:errno|error|code)[ :=]*(\d{1,3})\b/i.exec(text)?.[1];
  const entry = Object.entries(constants.errno).find(([, value]) => value === Number(number));
  return entry === undefined ? undefined : byName.get(entry[0]);
}

/** The word for a message that contains the name of an errno, its text, or a phrase that some program is known to print. */
function inMessage(text: string): Word | undefined {
  const phrases = phrasesIn(text);
  // The phrase of a program says more than the errno beside it: "socket hang up", code ECONNRESET.
  const own = phrases.find(({ word: { kind } }) => kind !== 'errno');
  return own?.word ?? errnoIn(text) ?? phrases[0]?.word;
}

function errnoIn(text: string): Word | undefined {
  const names = text.match(/\b(?:WSA)?E[A-Z][A-Z0-9]{2,}\b/g) ?? [];
  return names.flatMap((name) => byName.get(name.replace(/^WSA/, '')) ?? [])[0];
}

interface Phrase {
  readonly phrase: string;
  readonly word: Word;
}

/** The texts of strerror(3), which stand at the beginning of each errno here, and names and spellings of several words. */
const phrases: readonly Phrase[] = [
  ...words.flatMap((word) => phraseOf(/^"([^"]+)"/.exec(word.text)?.[1], word)),
  ...words.flatMap((word) => phraseOf(word.name, word)),
  ...spelled.flatMap(([spelling, name]) => phraseOf(spelling, byName.get(name))),
].sort((a, b) => b.phrase.length - a.phrase.length);

// One word alone says too little about a message.
function phraseOf(text: string | undefined, word: Word | undefined): Phrase[] {
  return text?.includes(' ') && word !== undefined ? [{ phrase: spaced(text), word }] : [];
}

function spaced(text: string): string {
  return ` ${text
    .toLowerCase()
    .split(/[^a-z0-9_/'-]+/)
    .filter(Boolean)
    .join(' ')} `;
}

function phrasesIn(text: string): Phrase[] {
  const said = spaced(text);
  return phrases.filter(({ phrase }) => said.includes(phrase));
}

const most = 3;
const leastLetters = 3;
/** Almost every short word is near another one. */
const leastToGuess = 5;

/** The words that an unknown one may mean: those with a similar spelling, those that contain a part of it, and those whose text mentions it. */
export function wordsNear(text: string, scenarios: readonly string[]): string[] {
  const names = [...scenarios, ...words.map(({ name }) => name)];
  const parts = text.split(/[\s/,;:"'()]+/).filter(({ length }) => length >= leastLetters);
  const ofParts = parts.flatMap(
    (part) => findWord(part)?.name ?? (part.length < leastToGuess ? [] : guesses(part, names)),
  );
  const all = [...guesses(text, names), ...ofParts, ...containing(text, names), ...mentioning(text)];
  return [...new Set(all)].slice(0, most);
}

/** The nearest name or spelling, without regard to case. A setting is also known by the last part of its name. */
function guesses(text: string, names: readonly string[]): string[] {
  const known: readonly (readonly [spelling: string, name: string])[] = [
    ...names.flatMap((name) => [[name, name] as const, [name.split('.').at(-1) ?? name, name] as const]),
    ...spelled,
  ];
  const byText = new Map([...known].reverse().map(([spelling, name]) => [spelling.toLowerCase(), name]));
  const nearest = byText.get(nearestTo(text.toLowerCase(), [...byText.keys()]) ?? '');
  const alike = names.filter((name) => text.length > prefix && name.startsWith(text.slice(0, prefix)));
  return nearest === undefined ? alike : [nearest];
}

/** How many letters two names must have in common at the beginning to be alike: more than TCPFINFail and TCPFromZeroWindowAdv have. */
const prefix = 5;

function containing(text: string, known: readonly string[]): string[] {
  const wanted = bare(text);
  if (wanted.length < leastLetters) return [];
  return known.filter((name) => bare(name).includes(wanted));
}

function mentioning(text: string): string[] {
  const wanted = text.trim().toLowerCase();
  if (wanted.length < leastLetters) return [];
  return words
    .filter((word) => `${word.text} ${word.source}`.toLowerCase().includes(wanted))
    .map(({ name }) => name);
}
