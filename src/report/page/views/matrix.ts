import type { MatrixDiff, MatrixDocument } from '../../documents/matrix.ts';
import { facts, h, moveFocus, section, wide } from '../dom.ts';
import { table } from '../table.ts';
import { matrixTable } from './matrix-table.ts';
import { type Cell, nameOf, optionWords, resultOf, signOf } from './matrix-words.ts';
import { heading } from './parts.ts';

type Documents = readonly [MatrixDocument | MatrixDiff, ...MatrixDocument[]];

/** The truth table of binds; two documents are shown side by side. */
export function matrixView(documents: Documents): readonly HTMLElement[] {
  const [first] = documents;
  if ('differences' in first) return diffView(first);
  return new Matrix(documents.filter((one) => 'cells' in one)).view();
}

function diffView({ before, now, differences }: MatrixDiff): readonly HTMLElement[] {
  return [
    heading(
      'tcpclose matrix --diff',
      `${differences.length} cells differ`,
      `Linux ${before.kernel} before, Linux ${now.kernel} now.`,
    ),
    table('Differences', differences, [
      { title: 'cell', cell: ({ cell }) => cell },
      { title: `before, Linux ${before.kernel}`, cell: ({ before }) => before },
      { title: `now, Linux ${now.kernel}`, cell: ({ now }) => now },
    ]),
  ];
}

/** The width of the widest table, in pixels. */
const wholeTable = 740;

class Matrix {
  readonly #documents: readonly MatrixDocument[];
  readonly #byName: readonly ReadonlyMap<string, Cell>[];
  readonly #cells: readonly Cell[];
  readonly #place = h('div', { class: 'matrix-tables' });
  readonly #explained = h(
    'div',
    { class: 'inspector matrix-explained', 'aria-live': 'polite' },
    h(
      'p',
      { class: 'hint' },
      'Point at a cell, or go there with Tab and the arrow keys: it says what was measured.',
    ),
  );
  #narrow = false;
  readonly #chosen = { addresses: '', remains: '', result: '', differing: false };

  constructor(documents: readonly MatrixDocument[]) {
    this.#documents = documents;
    this.#byName = documents.map(({ cells }) => new Map(cells.map((cell) => [nameOf(cell), cell])));
    const all = new Map(this.#byName.flatMap((cells) => [...cells]));
    this.#cells = [...all.values()];
  }

  view(): readonly HTMLElement[] {
    const [first] = this.#documents;
    if (this.#documents.length > 1) this.#place.classList.add('several');
    const kernels = this.#documents.map(({ environment }) => `Linux ${environment.kernel}`).join(' beside ');
    for (const kind of ['pointerover', 'focusin'])
      this.#place.addEventListener(kind, ({ target }) => this.#explain(target));
    this.#place.addEventListener('keydown', (event) => this.#move(event));
    this.#draw();
    this.#follow();
    return [
      heading(
        'tcpclose matrix',
        'Which bind succeeds over what remains of an old socket',
        `${this.#cells.length} cells, measured on ${kernels}${first === undefined ? '' : ` (${first.environment.arch})`}.`,
      ),
      this.#tools(),
      h(
        'ul',
        { class: 'legend' },
        h('li', {}, h('span', { class: 'cell-sign ok' }, '✔'), 'bind and listen succeed'),
        h('li', {}, h('span', { class: 'cell-sign listen' }, 'l'), 'bind succeeds, listen fails'),
        h('li', {}, h('span', { class: 'cell-sign bind' }, '·'), 'bind fails'),
        h(
          'li',
          {},
          'columns: the options of the old socket, and below them those of the new one; addr is SO_REUSEADDR, port is SO_REUSEPORT',
        ),
      ),
      this.#explained,
      this.#place,
    ];
  }

  #tools(): HTMLElement {
    const choice = (name: 'addresses' | 'remains' | 'result', values: readonly string[]) => {
      const select = h(
        'select',
        {
          change: () => {
            this.#chosen[name] = select.value;
            this.#draw();
          },
        },
        h('option', { value: '' }, 'all'),
        ...values.map((value) => h('option', { value }, value)),
      );
      return h('label', {}, `${name} `, select);
    };
    const differing = h('input', {
      type: 'checkbox',
      change: () => {
        this.#chosen.differing = differing.checked;
        this.#draw();
      },
    });
    return h(
      'p',
      { class: 'tools' },
      choice('addresses', distinct(this.#cells.map(({ addresses }) => addresses.name))),
      choice('remains', distinct(this.#cells.map(({ remains }) => remains))),
      choice('result', distinct(this.#cells.map(resultOf))),
      this.#documents.length > 1 ? h('label', {}, differing, ' only what differs') : null,
    );
  }

  #fits(cell: Cell): boolean {
    const { addresses, remains, result, differing } = this.#chosen;
    if (addresses !== '' && cell.addresses.name !== addresses) return false;
    if (remains !== '' && cell.remains !== remains) return false;
    const results = this.#byName.map((cells) => resultOf(cells.get(nameOf(cell))));
    if (result !== '' && !results.includes(result)) return false;
    return !differing || new Set(results).size > 1;
  }

  /** Draws the table again when its place becomes wide or narrow, and in the narrow form for paper. */
  #follow(): void {
    const layOut = (narrow: boolean) => {
      if (narrow === this.#narrow) return;
      this.#narrow = narrow;
      this.#draw();
    };
    const fit = () => layOut(this.#place.clientWidth < wholeTable);
    new ResizeObserver(fit).observe(this.#place);
    window.addEventListener('beforeprint', () => layOut(true));
    window.addEventListener('afterprint', fit);
  }

  #draw(): void {
    const shown = new Set(this.#cells.filter((cell) => this.#fits(cell)));
    const names = distinct([...shown].map(({ addresses }) => addresses.name));
    const parts = names.map((name) => this.#table(name, shown));
    this.#place.replaceChildren(
      ...(parts.length === 0 ? [h('p', { class: 'note' }, 'No cell fits.')] : parts),
    );
    this.#place.querySelector('button')?.setAttribute('tabindex', '0');
  }

  /** One table for a case of addresses; in a narrow place one for each option of the old socket. */
  #table(name: string, shown: ReadonlySet<Cell>): HTMLElement {
    const own = this.#cells.filter(({ addresses }) => addresses.name === name);
    const news = distinct(own.map((cell) => cell.new));
    const rows = distinct(own.filter((cell) => shown.has(cell)).map(({ remains }) => remains));
    const olds = distinct(own.map(({ old }) => old));
    const parts = this.#narrow ? olds.map((old) => [old]) : [olds];
    const addresses = own[0]?.addresses;
    const words = addresses === undefined ? name : `${name}: ${addresses.new} over ${addresses.old}`;
    const cellAt = (remains: string, old: string, to: string) => {
      const cell = own.find((one) => one.remains === remains && one.old === old && one.new === to);
      return cell !== undefined && shown.has(cell) ? this.#button(cell) : null;
    };
    return section(
      words,
      wide(
        `${words}; columns: the new socket's options`,
        h(
          'div',
          { class: 'matrix-parts' },
          ...parts.map((part) => h('table', { class: 'matrix' }, ...matrixTable(part, news, rows, cellAt))),
        ),
      ),
    );
  }

  #button(cell: Cell): HTMLElement {
    const name = nameOf(cell);
    const found = this.#byName.map((cells) => cells.get(name));
    const results = found.map(resultOf);
    const differs = new Set(results).size > 1;
    return h(
      'button',
      {
        type: 'button',
        class: differs ? 'cell differs' : 'cell',
        tabindex: -1,
        'data-cell': name,
        'aria-label': `${name}: ${results.join(' beside ')}`,
      },
      ...found.map((one) => {
        const [kind, sign] = signOf(one);
        return h('span', { class: `cell-sign ${kind}`, 'aria-hidden': 'true' }, sign);
      }),
    );
  }

  #explain(target: EventTarget | null): void {
    const button = target instanceof Element ? target.closest('[data-cell]') : null;
    const name = button?.getAttribute('data-cell');
    const cell = this.#cells.find((one) => nameOf(one) === name);
    if (cell === undefined) return;
    const { addresses, old, new: to, remains } = cell;
    const v6 = (only: boolean) => (only ? ', IPv6 only' : '');
    this.#explained.replaceChildren(
      h('h3', {}, nameOf(cell)),
      facts([
        ['old socket', `bound to ${addresses.old}${v6(addresses.oldV6Only)} with ${optionWords[old] ?? old}`],
        ['what remains', `${remains}; the kernel's table showed ${cell.observedState}`],
        ['new socket', `binds to ${addresses.new}${v6(addresses.newV6Only)} with ${optionWords[to] ?? to}`],
        ...this.#documents.map(
          ({ environment }, i) =>
            [`on Linux ${environment.kernel}`, resultOf(this.#byName[i]?.get(nameOf(cell)))] as const,
        ),
      ]),
    );
  }

  #move(event: KeyboardEvent): void {
    const buttons = [...this.#place.querySelectorAll<HTMLElement>('button.cell')];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const row = buttons[at]?.closest('tr')?.querySelectorAll('button.cell').length ?? 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }[event.key];
    const next = step === undefined ? undefined : buttons[at + step];
    if (next === undefined) return;
    event.preventDefault();
    moveFocus(buttons[at], next);
  }
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
