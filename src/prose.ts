/** A text of paragraphs, or lines of code. */
interface Block {
  readonly kind: 'prose' | 'code';
  readonly text: string;
}

const indent = '    ';

/** Lines of code inside a text: each is indented by four spaces, as in Markdown. */
export function codeIn(lines: readonly string[]): string {
  return lines.map((line) => (line === '' ? '' : indent + line)).join('\n');
}

/** The paragraphs and the code of a text, in order; the code without its indentation. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split('\n')) {
    const kind = line.startsWith(indent) ? 'code' : 'prose';
    const last = blocks.at(-1);
    const shown = kind === 'code' ? line.slice(indent.length) : line;
    if (kind === 'code' && last?.kind === 'code')
      blocks[blocks.length - 1] = { kind, text: `${last.text}\n${shown}` };
    else if (shown !== '') blocks.push({ kind, text: shown });
  }
  return blocks;
}

/** The text, with only the name of each code that was shown before. Adds its code to `shown`. */
export function withNewCode(text: string, shown: Set<string>): string {
  const parts = blocksOf(text).map(({ kind, text }) => {
    if (kind === 'prose') return text;
    if (shown.has(text)) return '(the code above)';
    shown.add(text);
    return codeIn(text.split('\n'));
  });
  return parts.join('\n');
}
