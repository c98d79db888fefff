/** Pieces of Markdown for pages that are made from data. */

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [row(heads), row(heads.map(() => '---')), ...rows.map(row)];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

export function code(text: string, language = 'text'): string[] {
  return [`\`\`\`${language}`, text.trimEnd(), '```'];
}

/** Paragraphs and blocks, with an empty line between them; nothing for what is empty. */
export function page(...blocks: readonly (string | readonly string[])[]): string {
  const texts = blocks.map((block) => (typeof block === 'string' ? block : block.join('\n')));
  return `${texts.filter((text) => text !== '').join('\n\n')}\n`;
}

/** Text that stands for itself. */
export function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>#]/g, '\\$&');
}
