import { errnos } from '../../../explain/words/errnos.ts';
import { options } from '../../../explain/words/options.ts';
import { rfcTerms } from '../../../explain/words/rfc-terms.ts';
import { states } from '../../../explain/words/states.ts';
import { terms } from '../../../explain/words/terms.ts';
import type { RunDocument } from '../../documents/run.ts';
import { h, section } from '../dom.ts';
import { swatch } from '../legend.ts';

/** The words that all other explanations use: they come first, in this order. */
const basics = ['socket', 'bind', 'SYN', 'FIN', 'ACK', 'RST'];

/** For new readers: what the states, errors and options of this run mean, in the words of `explain`. */
export function wordsSection({ recording, checks, steps, claim }: RunDocument): HTMLElement {
  const told = [
    claim,
    ...steps.map(({ title }) => title),
    ...checks.map((check) => `${check.title} ${check.observed}`),
  ]
    .join('\n')
    .split(/\W+/);
  const passed = (recording?.connections ?? []).flatMap(({ transitions }) =>
    transitions.flatMap(({ to }) => to ?? []),
  );
  const named = new Set([...passed, ...told]);
  const rows = [
    ...basics.flatMap((wanted) => [...rfcTerms, ...terms].filter(([name]) => name === wanted)),
    ...[...options, ...errnos, ...states].filter(([name]) => named.has(name)),
  ];
  const stateNames = new Set(states.map(([name]) => name));
  return section(
    'What the words mean',
    h(
      'dl',
      { class: 'meanings' },
      ...rows.flatMap(([name, text]) => [
        h('dt', {}, stateNames.has(name) ? swatch(name) : null, name),
        h('dd', {}, text),
      ]),
    ),
  );
}
