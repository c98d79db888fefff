import type { Drawn } from '../drawing/drawn.ts';

export type Child = Node | string | number | null;
type Attributes = Readonly<Record<string, string | number | boolean | null | ((event: Event) => void)>>;

/** An element. Text becomes a text node, whatever it contains: this page never parses HTML from a document. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(attribute, value);
    else element.setAttribute(attribute, value === true ? '' : String(value));
  }
  element.append(...nodesOf(children.flat()));
  return element;
}

function nodesOf(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => (typeof child === 'number' ? String(child) : (child ?? [])));
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/** A drawing as elements. */
export function mount({ tag, attributes, children }: Drawn): SVGElement {
  const element = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) element.append(typeof child === 'string' ? child : mount(child));
  return element;
}

/** Tab stops at one of many things: where the focus is. */
export function moveFocus(from: Element | undefined, to: HTMLElement | SVGElement): void {
  from?.setAttribute('tabindex', '-1');
  to.setAttribute('tabindex', '0');
  to.focus();
}

export function section(title: string, ...children: readonly (Child | readonly Child[])[]): HTMLElement {
  const id = `s-${title.toLowerCase().replace(/\W+/g, '-')}`;
  return h('section', { 'aria-labelledby': id }, h('h2', { id }, title), ...children);
}

/** Contents that are built when first opened, and before the page is printed. */
export function folded(
  title: string | readonly Child[],
  open: 'open' | 'closed',
  make: () => readonly Child[],
  attributes: Attributes = {},
): HTMLElement {
  const element = h('details', attributes, h('summary', {}, title));
  const fill = () => {
    if (!element.open || element.childElementCount > 1) return;
    element.append(...nodesOf(make()));
  };
  element.addEventListener('toggle', fill);
  openOnPaper(element, fill);
  if (open === 'open') {
    element.open = true;
    fill();
  }
  return element;
}

/** Opens it before the page is printed: nothing can be opened on paper. */
export function openOnPaper(element: HTMLDetailsElement, fill: () => void = () => {}): HTMLDetailsElement {
  window.addEventListener('beforeprint', () => {
    element.open = true;
    fill();
  });
  return element;
}

/** `✔ as expected`: a sign, a word and a colour. */
export function pill(kind: 'good' | 'bad' | 'faint', words: string): HTMLElement {
  const sign = { good: '✔', bad: '✖', faint: '–' }[kind];
  return h('span', { class: `pill ${kind}` }, h('span', { 'aria-hidden': 'true' }, `${sign} `), words);
}

/** Facts by name; null facts are left out. */
export function facts(entries: readonly (readonly [string, string | null])[]): HTMLElement {
  return h(
    'dl',
    {},
    ...entries.flatMap(([name, value]) => (value === null ? [] : [h('dt', {}, name), h('dd', {}, value)])),
  );
}

/** Something wide, which scrolls separately, also by keyboard. */
export function wide(label: string, ...children: readonly Child[]): HTMLElement {
  return h('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': label }, children);
}
