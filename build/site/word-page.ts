import type { WordKind } from '../../src/explain/words/kinds.ts';
import { type Word, words } from '../../src/explain/words.ts';
import { code, page, plain } from './markdown.ts';

/** Kinds whose words have a page each; the words of the others share one. */
const withPages: readonly WordKind[] = ['state', 'errno', 'setting'];

const titles: Readonly<Record<WordKind, string>> = {
  state: 'States',
  term: 'Terms',
  errno: 'Errors',
  'socket option': 'Socket options',
  setting: 'Settings of the kernel',
  counter: 'Counters of the kernel',
  finding: 'Findings of why, audit and restart',
  'idle timeout': 'Idle timeouts of proxies and pools',
};

export const kinds = Object.entries(titles) as readonly (readonly [WordKind, string])[];

export const pathOfKind = (kind: WordKind) => `words/${kind.replace(' ', '-')}s`;
const pathOfWord = ({ name }: Word) => `words/${name}`;

/** Pages of words by their paths, without ending. */
export function wordPages(): ReadonlyMap<string, string> {
  const own = words.filter(({ kind }) => withPages.includes(kind));
  return new Map([
    ...kinds.map(([kind, title]) => [pathOfKind(kind), kindPage(kind, title)] as const),
    ...own.map((word) => [pathOfWord(word), wordPage(word)] as const),
  ]);
}

function kindPage(kind: WordKind, title: string): string {
  const all = words.filter((word) => word.kind === kind);
  if (!withPages.includes(kind))
    return page(`# ${title}`, ...all.flatMap((word) => [`## ${plain(word.name)}`, ...meaning(word)]));
  const list = all.map(
    (word) => `- [${plain(word.name)}](./${word.name}.md): ${plain(firstSentence(word.text))}`,
  );
  return page(`# ${title}`, list);
}

function wordPage(word: Word): string {
  return page(
    `# ${plain(word.name)}`,
    ...meaning(word),
    word.kind === 'setting'
      ? 'What it is set to on your machine, and what that means there:'
      : 'What your machine says of it:',
    code(`tcpclose explain ${word.name}`, 'sh'),
  );
}

function meaning({ text, source, shownBy }: Word): string[] {
  const shown = shownBy.map((name) => `[${name}](../scenarios/${name}.md)`).join(', ');
  return [plain(text), `Source: ${plain(source)}.`, shown === '' ? '' : `Shown by: ${shown}.`];
}

function firstSentence(text: string): string {
  return /^.*?[.:](?= |$)/.exec(text)?.[0].replace(/:$/, '.') ?? text;
}
