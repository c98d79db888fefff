import type { RunDocument } from '../../documents/run.ts';
import { extentOf, timesOf } from '../../drawing/collect.ts';
import { span } from '../../drawing/words.ts';
import { h, section } from '../dom.ts';
import { Picture } from '../picture.ts';
import { environmentLine, heading, outcomePill } from './parts.ts';
import { diagramSection } from './run-diagram.ts';
import { loadSection } from './run-load.ts';
import { tables } from './run-tables.ts';
import { wordsSection } from './run-words.ts';

/** One run: its picture, the steps beside it, and everything in tables. */
export function runView(run: RunDocument): readonly HTMLElement[] {
  const picture = new Picture(run);
  const connections = run.recording?.connections.length ?? 0;
  const expected = run.checks.filter(({ verdict }) => verdict === 'as expected').length;
  const tally = `${expected} of ${run.checks.length} checks as expected`;
  const [from, to] = extentOf(timesOf(run));
  const result = h(
    'p',
    { class: 'result' },
    outcomePill(run.outcome),
    ` ${tally}, ${span(to - from)} from first to last`,
  );
  return [
    heading(
      `tcpclose demo ${run.scenario}`,
      run.title,
      run.claim === run.title ? null : run.claim,
      result,
      ...(run.reason === null ? [] : [h('p', { class: 'reason' }, run.reason)]),
      ...[environmentLine(run.environment)].filter((line) => line !== null),
    ),
    h(
      'div',
      { class: 'story' },
      stepList(run, picture),
      section('The run', picture.element),
      picture.inspector,
    ),
    ...[wordsSection(run)].filter((words) => words !== null),
    ...(connections > 0 ? [diagramSection(run)] : []),
    ...loadSection(run),
    tables(run, picture),
  ];
}

/** The steps of the story. A press shows one alone, a second press all of them. */
function stepList(run: RunDocument, picture: Picture): HTMLElement {
  const numbered = run.steps.filter(({ number }) => number > 0);
  const [, end] = extentOf(timesOf(run));
  const checksOf = (step: number) => run.checks.filter((check) => check.step === step);
  const buttons = numbered.map(({ number, title, atMs }, i) => {
    const bad = checksOf(number).some(({ verdict }) => verdict === 'contradicted');
    const until = numbered[i + 1]?.atMs ?? end;
    return h(
      'button',
      {
        type: 'button',
        'aria-pressed': 'false',
        'data-step': number,
        click: ({ currentTarget }) => {
          const button = currentTarget as HTMLElement;
          const wasPressed = button.getAttribute('aria-pressed') === 'true';
          picture.zoom(wasPressed ? null : { from: atMs, to: until });
        },
      },
      h('span', { class: 'step-number' }, String(number)),
      h('span', {}, title, bad ? h('strong', { class: 'bad' }, ' ✖ contradicted') : null),
      h('span', { class: 'step-time' }, span(until - atMs)),
    );
  });
  picture.onZoom = (extent) => {
    buttons.forEach((button, i) => {
      button.setAttribute('aria-pressed', String(extent !== null && extent[0] === numbered[i]?.atMs));
    });
  };
  return h(
    'nav',
    { class: 'steps', 'aria-label': 'Steps' },
    h('h2', {}, 'Steps'),
    h(
      'ol',
      {},
      ...buttons.map((button, i) => h('li', {}, button, outcomes(checksOf(numbered[i]?.number ?? 0)))),
    ),
  );
}

/** What each check of a step observed, in a line. */
function outcomes(checks: RunDocument['checks']): HTMLElement | null {
  if (checks.length === 0) return null;
  return h(
    'ul',
    { class: 'outcomes' },
    ...checks.map(({ title, observed, verdict }) =>
      h('li', { class: verdict === 'as expected' ? null : 'bad' }, `${title}: ${observed}`),
    ),
  );
}
