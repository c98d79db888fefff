import type { RunDocument } from '../../documents/run.ts';
import { extentOf, numberedSteps, observedWords, timesOf } from '../../drawing/collect.ts';
import { span } from '../../drawing/words.ts';
import { markRows } from '../belongs.ts';
import { h, section } from '../dom.ts';
import { Picture } from '../picture.ts';
import { environmentLine, heading, outcomePill } from './parts.ts';
import { diagramSection } from './run-diagram.ts';
import { loadSection } from './run-load.ts';
import { summary } from './run-summary.ts';
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
    ` ${tally}; the picture shows ${span(to - from)}, from the first step to the last event; the whole run took ${span(run.durationMs)}, with its preparation and its end`,
  );
  return [
    heading(
      `tcpclose demo ${run.scenario}`,
      run.title,
      null,
      summary(run),
      result,
      run.reason === null ? null : h('p', { class: 'reason' }, run.reason),
      environmentLine(run.environment),
    ),
    h(
      'div',
      { class: 'story' },
      stepList(run, picture),
      section('The run', picture.element),
      picture.inspector,
    ),
    wordsSection(run),
    ...(connections > 0 ? [diagramSection(run)] : []),
    ...loadSection(run),
    tables(run, picture),
  ];
}

/** The steps of the story. A click shows a single step, a second click shows all of them. */
function stepList(run: RunDocument, picture: Picture): HTMLElement {
  const numbered = numberedSteps(run);
  const checksOf = (step: number) => run.checks.filter((check) => check.step === step);
  const buttons = numbered.map(({ number, title, atMs, untilMs }) => {
    const bad = checksOf(number).some(({ verdict }) => verdict === 'contradicted');
    return h(
      'button',
      {
        type: 'button',
        'aria-pressed': 'false',
        'data-step': number,
        click: ({ currentTarget }) => {
          const button = currentTarget as HTMLElement;
          const wasPressed = button.getAttribute('aria-pressed') === 'true';
          picture.zoom(wasPressed ? null : { from: atMs, to: untilMs });
          if (!wasPressed) picture.select(`step:${number}`);
        },
      },
      h('span', { class: 'step-number' }, String(number)),
      h('span', {}, title, bad ? h('strong', { class: 'bad' }, ' ✖ contradicted') : null),
      h('span', { class: 'step-time' }, span(untilMs - atMs)),
    );
  });
  let part: readonly [number, number] | null = null;
  // A table is made when it is unfolded.
  document.addEventListener('toggle', () => markRows(run, part), true);
  picture.onZoom = (extent) => {
    part = extent;
    markRows(run, part);
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

/** The observation of each check of a step, in one line. */
function outcomes(checks: RunDocument['checks']): HTMLElement | null {
  if (checks.length === 0) return null;
  return h(
    'ul',
    { class: 'outcomes' },
    ...checks.map((check) => {
      const words = `${check.title}: ${observedWords(check)}`;
      const remark = check.note === null ? '' : ` (${check.note})`;
      return h('li', { class: check.verdict === 'as expected' ? null : 'bad' }, `${words}${remark}`);
    }),
  );
}
