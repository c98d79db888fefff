import type { SuiteDocument } from '../../documents/suite.ts';
import { span } from '../../drawing/words.ts';
import { h, openOnPaper, section } from '../dom.ts';
import { environmentLine, filterField, heading, outcomePill, verdictPill } from './parts.ts';

type Result = SuiteDocument['scenarios'][number];

/** Many scenarios: the result of each, and its checks when opened. */
export function suiteView(suite: SuiteDocument): readonly HTMLElement[] {
  const count = (outcome: Result['outcome']) =>
    suite.scenarios.filter((one) => one.outcome === outcome).length;
  const outcomes = ['passed', 'failed', 'errored', 'interrupted', 'skipped'] as const;
  const tally = outcomes
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => `${count(outcome)} ${outcome}`);
  const longest = Math.max(1, ...suite.scenarios.map(({ durationMs }) => durationMs));
  const topics = [...new Set(suite.scenarios.map(({ topic }) => topic))].sort();
  const rows: { element: HTMLElement; words: string }[] = [];
  const groups = topics.map((topic) => {
    const own = suite.scenarios
      .filter((one) => one.topic === topic)
      .map((result) => {
        const element = scenario(result, longest);
        rows.push({ element, words: `${topic} ${result.scenario} ${result.outcome} ${result.reason ?? ''}` });
        return element;
      });
    return section(topic, h('div', { class: 'results' }, ...own));
  });
  return [
    heading(
      'tcpclose test',
      `${suite.scenarios.length} scenarios: ${tally.join(', ')}`,
      null,
      h('p', { class: 'result' }, outcomePill(suite.outcome), ` the suite took ${span(suite.durationMs)}`),
      ...(suite.neverRun === 0 ? [] : [h('p', { class: 'reason' }, `${suite.neverRun} never ran.`)]),
      ...[environmentLine(suite.environment)].filter((line) => line !== null),
    ),
    h(
      'div',
      { class: 'overview', 'aria-hidden': 'true' },
      ...suite.scenarios.map(({ outcome }) => h('span', { class: `cell o-${outcome}` })),
    ),
    filterField('Filter: "failed", "order" ...', () => rows),
    ...groups,
  ];
}

function scenario(result: Result, longest: number): HTMLElement {
  const { scenario, round, outcome, reason, checks, durationMs } = result;
  const bar = h('span', { class: 'duration', 'aria-hidden': 'true' });
  bar.style.setProperty('--part', String(durationMs / longest));
  const bad = checks.filter(({ verdict }) => verdict === 'contradicted').length;
  const summary = h(
    'summary',
    {},
    h('span', { class: 'name' }, round === 1 ? scenario : `${scenario} (round ${round})`),
    outcomePill(outcome),
    h('span', { class: 'faint' }, `${checks.length} checks${bad === 0 ? '' : `, ${bad} contradicted`}`),
    h('span', { class: 'time' }, bar, span(durationMs)),
  );
  const element = h('details', { class: 'scenario', 'data-scenario': scenario }, summary);
  const fill = () => {
    if (!element.open || element.childElementCount > 1) return;
    element.append(
      ...(reason === null ? [] : [h('p', { class: 'reason' }, reason)]),
      h('ul', { class: 'checks' }, ...checks.map(check)),
    );
  };
  element.addEventListener('toggle', fill);
  openOnPaper(element, fill);
  if (bad > 0) {
    element.open = true;
    fill();
  }
  return element;
}

function check({
  title,
  expected,
  observed,
  verdict,
  note,
  location,
  raw,
}: Result['checks'][number]): HTMLElement {
  return h(
    'li',
    {},
    verdictPill(verdict),
    ` ${title}: ${observed}`,
    note === null ? null : h('span', { class: 'faint' }, ` (${note})`),
    verdict === 'as expected' ? null : h('p', { class: 'expected' }, `expected ${expected}`),
    location === null ? null : h('p', { class: 'faint' }, `${location.file}:${location.line}`),
    verdict === 'as expected' || raw === null
      ? null
      : h('pre', { tabindex: 0, role: 'region', 'aria-label': `what was read for ${title}` }, raw),
  );
}
