/** What several views show. */
import { blocksOf } from '../../../prose.ts';
import type { RunDocument } from '../../documents/run.ts';
import { type Child, h, pill } from '../dom.ts';

export function heading(
  kicker: string,
  title: string,
  lead: string | null,
  ...rest: readonly Child[]
): HTMLElement {
  return h(
    'header',
    {},
    h('p', { class: 'kicker' }, kicker),
    h('h1', {}, title),
    lead === null ? null : h('p', { class: 'lead' }, lead),
    ...rest,
  );
}

export function environmentLine(environment: RunDocument['environment']): HTMLElement | null {
  if (environment === null) return null;
  const hosts = environment.hosts?.map((host) => `${host.role} (${host.name}): ${hostLine(host)}`);
  return h('p', { class: 'environment' }, hosts?.join('; ') ?? hostLine(environment));
}

type HostEnvironment = Omit<NonNullable<RunDocument['environment']>, 'hosts'>;

function hostLine({ kernel, arch, node, observer, observerVersion, user }: HostEnvironment): string {
  const reader = observerVersion === null ? observer : `${observer} (${observerVersion})`;
  return `Linux ${kernel} ${arch} · Node ${node} · checks read states by ${reader} · user ${user}`;
}

/** `ok 12, connect ECONNREFUSED 3`. */
export function countsOf(counts: readonly (readonly [name: string, count: number])[], sign = ''): string {
  return counts.map(([name, count]) => `${name} ${sign}${count}`).join(', ');
}

/** What to do, and `before` it the reason: paragraphs, and code to copy. */
export function remedyText(label: string, text: string, before: HTMLElement | null = null): HTMLElement {
  const blocks = blocksOf(text).map(({ kind, text }, i) =>
    kind === 'code'
      ? h('pre', { tabindex: 0 }, text)
      : h('p', {}, i === 0 ? h('strong', {}, label) : null, text),
  );
  return h('div', { class: 'remedy' }, before, ...blocks);
}

export function outcomePill(outcome: RunDocument['outcome']): HTMLElement {
  if (outcome === 'passed') return pill('good', 'as expected');
  if (outcome === 'failed') return pill('bad', 'contradicted');
  return pill(outcome === 'errored' ? 'bad' : 'faint', outcome);
}

export function verdictPill(verdict: string): HTMLElement {
  return pill(verdict === 'as expected' ? 'good' : 'bad', verdict);
}

/** Hides everything that does not contain the typed words. Returns the field, and reports how many remain. */
export function filterField(
  label: string,
  items: readonly { readonly element: HTMLElement; readonly words: string }[],
): HTMLElement {
  const count = h('output', { 'aria-live': 'polite' });
  const input = h('input', {
    type: 'search',
    'aria-label': label,
    placeholder: label,
    input: () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      for (const { element, words } of items) {
        const fits = wanted.every((word) => words.toLowerCase().includes(word));
        element.hidden = !fits;
        if (fits) left++;
      }
      count.textContent = wanted.length === 0 ? '' : `${left} shown`;
    },
  });
  return h('p', { class: 'tools' }, input, count);
}
