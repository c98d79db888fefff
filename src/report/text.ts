import type { Location } from '../events.ts';
import { blocksOf } from '../prose.ts';
import { pageWidth } from './columns.ts';
import { chop, padColumns, widthOf } from './width.ts';

const url = /^https?:\/\/\S+$/;

/** Breaks a text into lines of at most `width` columns, at blanks if possible. URLs may stay whole, to be opened and copied. */
export function wrap(text: string, width: number, urls: 'broken' | 'whole' = 'broken'): string[] {
  const pieces = (word: string) => (urls === 'whole' && url.test(word) ? [word] : chop(word, width));
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap(pieces)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || widthOf(longer) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** `at scenarios/order/mine.ts:12`; empty if unknown. */
export function placeLines(indent: string, location: Location | null): string[] {
  return location === null ? [] : [`${indent}at ${location.file}:${location.line}`];
}

interface Cell {
  readonly text: string;
  /** In columns, including the gap to the next cell. */
  readonly width: number;
}

/** Lays texts out side by side, each wrapped in a column of its own. */
export function columns(cells: readonly Cell[]): string[] {
  const wrapped = cells.map(({ text, width }) => wrap(text, width - 1));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, i) =>
    cells
      .map(({ width }, column) => padColumns(wrapped[column]?.[i] ?? '', width))
      .join('')
      .trimEnd(),
  );
}

/**
 * The first line begins with `first`, the others are indented as far. Code is not broken, so that it can be copied, and is indented less.
 */
export function hang(first: string, text: string, width = pageWidth()): string[] {
  const indent = widthOf(first);
  const margin = ' '.repeat(first.search(/\S|$/) + 2);
  const lines = blocksOf(text).flatMap(({ kind, text }) =>
    kind === 'code'
      ? ['', ...text.split('\n').map((line) => margin + line), '']
      : wrap(text, width - indent, 'whole').map((line) => ' '.repeat(indent) + line),
  );
  return lines
    .map((line, i) => (i === 0 ? first + line.slice(indent) : line.trimEnd()))
    .map((line) => line.replaceAll(noBreak, ' '));
}

const noBreak = '\u00a0';

/** For `hang()`: keeps each number and its unit on one line. */
export function together(text: string): string {
  return text.replaceAll(/(?<=\d) (?=(?:ms|s|min|h)\b)/g, noBreak);
}
