import { type Drawn, draw } from '../../src/report/drawing/drawn.ts';
import { widthOf } from '../../src/report/width.ts';

const letter = { width: 7.8, height: 18, size: 13 };
const margin = 16;
const fonts = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

/** The codes of colours that the program writes (src/report/paint.ts). */
const styles: Readonly<Record<string, string>> = {
  '1': 'font-weight: 700',
  '2': 'fill: var(--faint)',
  '31': 'fill: var(--bad)',
  '32': 'fill: var(--good)',
  '35': 'fill: var(--fin-wait1-line)',
};
const endings = ['22', '39'];

/** What a command printed on a terminal of 80 columns, in its colours. */
export function terminal(printed: string): Drawn {
  const lines = printed.split('\n');
  const [width, height] = [80 * letter.width + 2 * margin, lines.length * letter.height + 2 * margin];
  return draw(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      style: `font: ${letter.size}px ${fonts}; fill: var(--ink)`,
    },
    draw('rect', {
      x: 0.5,
      y: 0.5,
      width: width - 1,
      height: height - 1,
      rx: 6,
      style: 'fill: var(--card); stroke: var(--rule)',
    }),
    ...lines.flatMap((line, i) => drawLine(line, margin + i * letter.height + letter.size)),
  );
}

function drawLine(line: string, y: number): Drawn[] {
  let column = 0;
  let style: string | null = null;
  return line.split('\u001b[').flatMap((part, i) => {
    const code = i === 0 ? undefined : /^(\d+)m/.exec(part)?.[1];
    if (code !== undefined) style = endings.includes(code) ? null : (styles[code] ?? unknown(code));
    return words(code === undefined ? part : part.slice(code.length + 1)).flatMap((text) => {
      const from = column;
      column += widthOf(text);
      return text.trim() === '' ? [] : [drawWords(text, from, y, style)];
    });
  });
}

/** At each wide gap a new piece begins, so that columns stand below each other in every font. */
function words(text: string): string[] {
  return text.match(/ {2,}|(?:(?! {2}).)+/gu) ?? [];
}

function drawWords(text: string, column: number, y: number, style: string | null): Drawn {
  const begin = text.length - text.trimStart().length;
  const length = widthOf(text.trim()) * letter.width;
  const x = margin + (column + begin) * letter.width;
  return draw('text', { x, y, textLength: length, style }, text.trim());
}

function unknown(code: string): never {
  throw new Error(`the terminal's code ${code} has no picture: add it to the styles`);
}
