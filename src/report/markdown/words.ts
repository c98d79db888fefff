import { blocksOf } from '../../prose.ts';

/** Text in Markdown. Text from a run remains text: nothing in it begins a link, a picture, HTML or a table cell. */
export function escaped(text: string): string {
  return text
    .replace(/[\\`*[\]<>|~$]|(?<!\w)_|_(?!\w)|^#|#(?=\d)/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/(?<=https?|ftp):(?=\/\/)/gi, '\\:')
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}\\.`)
    .replace(/@/g, '\\@');
}

/** Paragraphs, and code in separate blocks. */
export function paragraphs(text: string): string[] {
  return blocksOf(text).flatMap(({ kind, text }) =>
    kind === 'code' ? verbatim(text, '') : [escaped(text), ''],
  );
}

/** A table of cells that are Markdown already. */
export function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line), ''];
}

/** A block of text, word for word: its fence is longer than any in it. */
export function verbatim(text: string, language = 'text'): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...text.trimEnd().split('\n'), fence, ''];
}
