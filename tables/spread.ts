/** `3`, `2 to 5`: the least and the most of several runs. */
export function spread(values: readonly number[], format: (value: number) => string = String): string {
  if (values.length === 0) return 'not measured';
  const texts = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))].map(
    format,
  );
  if (texts[0] === texts[1]) return texts[0] ?? '';
  const [, unit = ''] = / (\w+)$/.exec(texts[1] ?? '') ?? [];
  const [least = '', most = ''] = texts;
  return unit !== '' && least.endsWith(` ${unit}`)
    ? `${least.slice(0, -unit.length - 1)} to ${most}`
    : `${least} to ${most}`;
}

/** `5 ms`, `1.2 s`, `75 s`. */
export function span(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  return `${ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

export function head(...cells: readonly string[]): string[] {
  return [row(...cells), `|${'---|'.repeat(cells.length)}`];
}

/** Paragraphs of prose as the other pages have them. */
export function paragraph(text: string, width = 140): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
