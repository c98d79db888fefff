import { readFileSync } from 'node:fs';
import { packagePath } from '../../package.ts';
import { escapeXml } from '../junit.ts';
import { type Drawn, draw } from './drawn.ts';

/** A drawing as the text of an SVG element. */
export function svgText({ tag, attributes, children }: Drawn): string {
  const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(value)}"`);
  const inside = children.map((child) => (typeof child === 'string' ? escapeXml(child) : svgText(child)));
  return `<${tag}${given.join('')}${inside.length === 0 ? '/>' : `>${inside.join('')}</${tag}>`}`;
}

/** In a file, only a title can describe the thing that the reader points at. */
function titled(drawn: Drawn): Drawn {
  const { 'aria-label': label, ...attributes } = drawn.attributes;
  const children = drawn.children.map((child) => (typeof child === 'string' ? child : titled(child)));
  if (label === undefined) return { ...drawn, children };
  return { ...drawn, attributes, children: [draw('title', {}, label), ...children] };
}

/** A drawing as a separate file, with its colours and its titles. */
export function svgFile(drawing: Drawn, title: string): string {
  const styles = readFileSync(packagePath('dist/page/drawing.css'), 'utf8');
  const file = {
    ...drawing,
    attributes: { xmlns: 'http://www.w3.org/2000/svg', role: 'img', ...drawing.attributes },
    children: [
      draw('title', {}, title),
      draw('style', {}, styles),
      draw('rect', { width: '100%', height: '100%', style: 'fill: var(--paper)' }),
      ...titled(drawing).children,
    ],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svgText(file)}\n`;
}
