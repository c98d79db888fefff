import { eastAsianWidth } from 'get-east-asian-width';

// Foreign text contains no other characters without a width: they are shown as escapes.
const mark = /\p{Mark}/u;

/** The number of terminal columns of a text: two for a Chinese, Japanese or Korean character and for an emoji, none for a mark. */
export function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (!mark.test(character)) width += eastAsianWidth(character.codePointAt(0) ?? 0);
  }
  return width;
}

/** Pads a text with blanks to that many columns. */
export function padColumns(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Breaks a text as a terminal does: blanks stay as they are. */
export function chop(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text];
  const pieces: string[] = [];
  let piece = '';
  let room = width;
  for (const character of text) {
    const taken = widthOf(character);
    if (taken > room && piece !== '') {
      pieces.push(piece);
      [piece, room] = ['', width];
    }
    piece += character;
    room -= taken;
  }
  return [...pieces, piece];
}

/** The part of a line that fits into that many columns. Colours have no width, and are kept. */
export function cut(line: string, width: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a colour begins.
  const parts = line.match(/\u001b\[[0-9;]*m|[^\u001b]/gu) ?? [];
  let room = width;
  return parts
    .filter((part) => {
      if (part.startsWith('\u001b')) return true;
      room -= widthOf(part);
      return room >= 0;
    })
    .join('');
}
