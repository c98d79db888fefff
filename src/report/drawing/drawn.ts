/** The drawing as a tree of SVG elements: a page makes elements from it, and a file makes text. Text in it remains text. */
export interface Drawn {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Drawn | string)[];
}

type Attributes = Readonly<Record<string, string | number | null>>;

/** Numbers are rounded to a tenth of a pixel; an attribute that is null is left out. */
export function draw(tag: string, attributes: Attributes, ...children: readonly (Drawn | string)[]): Drawn {
  const given = Object.entries(attributes).flatMap(([name, value]) =>
    value === null
      ? []
      : [[name, typeof value === 'number' ? String(Math.round(value * 10) / 10) : value] as const],
  );
  return { tag, attributes: Object.fromEntries(given), children };
}

/** A whole picture. */
export function svg(
  { width, height, ...others }: Attributes & { readonly width: number; readonly height: number },
  ...children: readonly Drawn[]
): Drawn {
  return draw('svg', { viewBox: `0 0 ${width} ${height}`, width, height, ...others }, ...children);
}

/**
 * Something that a reader can point at: `key` names it in the document, and `label` describes it. Words beside it in the picture may be
 * cut; the label has all of them.
 */
export function item(key: string, label: string, className: string, ...children: readonly Drawn[]): Drawn {
  const [words, shapes] = [children.filter(isText), children.filter((child) => !isText(child))];
  return draw(
    'g',
    { class: className },
    draw('g', { class: 'item', 'data-key': key, 'aria-label': label }, ...shapes),
    ...words,
  );
}

function isText({ tag }: Drawn): boolean {
  return tag === 'text';
}

export function text(x: number, y: number, className: string, content: string): Drawn {
  return draw('text', { x, y, class: className }, content);
}

export function line(x1: number, y1: number, x2: number, y2: number, className: string): Drawn {
  return draw('line', { x1, y1, x2, y2, class: className });
}

export function box(x: number, y: number, width: number, height: number, className: string): Drawn {
  return draw('rect', { x, y, width: Math.max(0, width), height, class: className });
}

/** A cross with arms of that length. */
export function cross(x: number, y: number, r: number, className: string): Drawn {
  const d = `M${x - r} ${y - r}L${x + r} ${y + r}M${x - r} ${y + r}L${x + r} ${y - r}`;
  return draw('path', { d: d.replace(/\d+\.\d+/g, (n) => Number(n).toFixed(1)), class: className });
}

/** The width of a text in pixels, estimated without measuring: that of a wide font, whose capitals are wider still. */
export function widthOf(content: string, size: number): number {
  const capitals = content.replaceAll(/[^A-Z]/g, '').length;
  return (content.length * 0.6 + capitals * 0.15) * size;
}

/** As much of a text as fits, or nothing if that would be only a letter or two. */
export function fitted(content: string, room: number, size: number): string {
  if (widthOf(content, size) <= room) return content;
  let letters = content.length - 1;
  while (letters >= 3 && widthOf(`${content.slice(0, letters)}…`, size) > room) letters--;
  return letters < 3 ? '' : `${content.slice(0, letters).trimEnd()}…`;
}
