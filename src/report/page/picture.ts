import type { RunDocument } from '../documents/run.ts';
import { axisWords } from '../drawing/axis.ts';
import { numberedSteps } from '../drawing/collect.ts';
import { lanes, mostConnections, wholeRun } from '../drawing/lanes.ts';
import { endpoint, letterOf } from '../drawing/words.ts';
import { facts, h, mount, moveFocus } from './dom.ts';
import { inspect } from './inspect.ts';
import { legend } from './legend.ts';
import { isPrinted, paper } from './room.ts';
import { rowId } from './table.ts';

/** The width of the lanes on a phone, in pixels. */
const leastWidth = 300;

/** The picture on paper: its words are slightly smaller than on a screen, and its title and a sheet of US Letter leave room for it. */
const printed = { width: 760, height: paper.height * 0.84 };

/** The lanes of a run. A reader can zoom, choose connections, and look at one thing after the other. */
export class Picture {
  readonly element: HTMLElement;
  onZoom: (extent: readonly [number, number] | null) => void = () => {};
  readonly #run: RunDocument;
  readonly #frame = h('div', { class: 'frame' });
  readonly #words = h('p', { class: 'axis-words' });
  /** What is known about the selected thing. */
  readonly inspector = h('div', { class: 'inspector', 'aria-live': 'polite' });
  readonly #all = h(
    'button',
    { type: 'button', hidden: true, click: () => this.zoom(null) },
    'Show the whole run',
  );
  #extent: readonly [number, number] | null = null;
  #connections: readonly number[];
  #width = 0;
  #focused: string | null = null;

  constructor(run: RunDocument) {
    this.#run = run;
    this.#connections = wholeRun(run, leastWidth).connections;
    this.element = h(
      'div',
      { class: 'picture' },
      h('div', { class: 'tools' }, this.#all, this.#chooser()),
      this.#frame,
      this.#words,
      legend(run),
    );
    for (const kind of ['pointerover', 'focusin'])
      this.#frame.addEventListener(kind, (event) => this.#show(keyAt(event)));
    this.#frame.addEventListener('click', (event) => this.#click(keyAt(event)));
    this.#frame.addEventListener('keydown', (event) => this.#key(event));
    this.#showHint();
    new ResizeObserver(() => {
      if (!isPrinted()) this.#resize(this.#frame.clientWidth);
    }).observe(this.#frame);
    window.addEventListener('beforeprint', () => this.#fitToPaper());
    window.addEventListener('afterprint', () => this.#resize(this.#frame.clientWidth));
  }

  /** Shows only the time between two moments; all of it for null. */
  zoom(part: { readonly from: number; readonly to: number } | null): void {
    this.#extent = part === null ? null : [part.from, Math.max(part.to, part.from + 0.02)];
    this.#all.hidden = part === null;
    this.#draw();
    this.onZoom(this.#extent);
  }

  /** Shows the subject of a table row. */
  select(key: string): void {
    this.#show(key);
    this.#item(key)?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }

  #item(key: string): SVGElement | null {
    return this.#frame.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  #resize(room: number): void {
    const width = Math.max(leastWidth, Math.floor(room));
    if (width === this.#width) return;
    this.#width = width;
    this.#draw();
  }

  /** A picture that is higher than a sheet is scaled down to its height. It is drawn wider, and so still fills the width. */
  #fitToPaper(): void {
    this.#resize(printed.width);
    const [, , width = 0, height = 0] = (this.#frame.firstElementChild?.getAttribute('viewBox') ?? '')
      .split(' ')
      .map(Number);
    const most = (printed.height / paper.width) * width;
    if (height > most) this.#resize((width * height) / most);
  }

  #draw(): void {
    if (this.#width === 0) return;
    const whole = wholeRun(this.#run, this.#width);
    const view = { ...whole, extent: this.#extent ?? whole.extent, connections: this.#connections };
    const svg = mount(lanes(this.#run, view));
    svg.setAttribute('role', 'group');
    svg.setAttribute(
      'aria-label',
      'States of both ends over time, segments between them, processes and checks',
    );
    for (const item of svg.querySelectorAll('.item')) {
      item.setAttribute('role', 'button');
      item.setAttribute('tabindex', '-1');
    }
    this.#frame.replaceChildren(svg);
    // One stop for Tab; arrow keys go from one thing to the next.
    const stop = this.#item(this.#focused ?? '') ?? svg.querySelector('.item');
    stop?.setAttribute('tabindex', '0');
    this.#words.textContent = axisWords(...view.extent);
  }

  #show(key: string | null): void {
    if (key === null) return;
    const found = inspect(this.#run, key);
    if (found === null) return;
    for (const marked of document.querySelectorAll('.marked')) marked.classList.remove('marked');
    this.#item(key)?.classList.add('marked');
    document.getElementById(rowId(key))?.classList.add('marked');
    this.inspector.replaceChildren(h('h3', {}, found.title), facts(found.facts));
    if (found.raw)
      this.inspector.append(h('pre', { tabindex: 0, 'aria-label': 'as it was read' }, found.raw));
  }

  #showHint(): void {
    this.inspector.replaceChildren(
      h(
        'p',
        { class: 'hint' },
        'Point at anything in the picture, or go there with Tab and the arrow keys: what was read appears here. Click a step to show it alone.',
      ),
    );
  }

  #click(key: string | null): void {
    if (key?.startsWith('step:') !== true) {
      this.#show(key);
      return;
    }
    const step = numberedSteps(this.#run).find(({ number }) => key === `step:${number}`);
    if (step === undefined) return;
    this.zoom(this.#extent === null ? { from: step.atMs, to: step.untilMs } : null);
    this.#show(key);
  }

  #key(event: KeyboardEvent): void {
    const items = [...this.#frame.querySelectorAll<SVGElement>('.item')];
    const at = items.findIndex((item) => item.matches(':focus'));
    const next = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (event.key === 'Escape') this.zoom(null);
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#click(keyAt(event));
      this.#item(this.#focused ?? '')?.focus();
    }
    const item = next === undefined ? undefined : items[next];
    if (item === undefined) return;
    event.preventDefault();
    this.#focused = item.dataset['key'] ?? null;
    moveFocus(items[at], item);
  }

  #chooser(): HTMLElement | null {
    const all = this.#run.recording?.connections ?? [];
    if (all.length < 2) return null;
    const boxes = all.map((connection, index) => {
      const label = `${letterOf(index)}  ${endpoint(connection.client)} to ${endpoint(connection.server)}`;
      const box = h('input', {
        type: 'checkbox',
        checked: this.#connections.includes(index),
        change: () => {
          const others = this.#connections.filter((one) => one !== index);
          this.#connections = box.checked ? [...others, index].sort((a, b) => a - b) : others;
          this.#draw();
        },
      });
      return h('label', {}, box, ` ${label}`);
    });
    const shown = Math.min(all.length, mostConnections);
    return h(
      'details',
      { class: 'chooser' },
      h(
        'summary',
        {},
        all.length > shown
          ? `Connections (${shown} of ${all.length} shown at first)`
          : `Connections (${all.length})`,
      ),
      h('fieldset', {}, h('legend', {}, 'Connections in the picture'), ...boxes),
    );
  }
}

function keyAt(event: Event): string | null {
  const target = event.target instanceof Element ? event.target.closest('[data-key]') : null;
  return target?.getAttribute('data-key') ?? null;
}
