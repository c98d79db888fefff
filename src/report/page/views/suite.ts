import { countBy, groupBy } from '../../../group.ts';
import type { SuiteDocument } from '../../documents/suite.ts';
import { span } from '../../drawing/words.ts';
import { folded, h, section } from '../dom.ts';
import { environmentLine, filterField, heading, outcomePill, verdictPill } from './parts.ts';

type Result = SuiteDocument['scenarios'][number];

/** Many scenarios: the result of each, and its checks when opened. */
export function suiteView(suite: SuiteDocument): readonly HTMLElement[] {
  const counts = countBy(suite.scenarios, ({ outcome }) => outcome);
  const outcomes = ['passed', 'failed', 'errored', 'interrupted', 'skipped'] as const;
  const tally = outcomes.filter((one) => counts.has(one)).map((one) => `${counts.get(one)} ${one}`);
  const longest = Math.max(1, ...suite.scenarios.map(({ durationMs }) => durationMs));
  const rows = suite.scenarios.map((result) => ({
    topic: result.topic,
    element: scenario(result, longest),
    words: `${result.topic} ${result.scenario} ${result.outcome} ${result.reason ?? ''}`,
  }));
  const byTopic = groupBy(rows, ({ topic }) => topic);
  const groups = [...byTopic.keys()].sort().map((topic) => {
    const elements = byTopic.get(topic)?.map(({ element }) => element) ?? [];
    return section(topic, h('div', { class: 'results' }, elements));
  });
  return [
    heading(
      'tcpclose test',
      `${suite.scenarios.length} scenarios: ${tally.join(', ')}`,
      null,
      h('p', { class: 'result' }, outcomePill(suite.outcome), ` the suite took ${span(suite.durationMs)}`),
      suite.neverRun === 0 ? null : h('p', { class: 'reason' }, `${suite.neverRun} never ran.`),
      environmentLine(suite.environment),
    ),
    h(
      'div',
      { class: 'overview', 'aria-hidden': 'true' },
      ...suite.scenarios.map(({ outcome }) => h('span', { class: `cell o-${outcome}` })),
    ),
    filterField('Filter: "failed", "order" ...', rows),
    ...groups,
  ];
}

function scenario(result: Result, longest: number): HTMLElement {
  const { scenario, round, outcome, reason, checks, durationMs } = result;
  const bar = h('span', { class: 'duration', 'aria-hidden': 'true' });
  bar.style.setProperty('--part', String(durationMs / longest));
  const bad = checks.filter(({ verdict }) => verdict === 'contradicted').length;
  const summary = [
    h('span', { class: 'name' }, round === 1 ? scenario : `${scenario} (round ${round})`),
    outcomePill(outcome),
    h('span', { class: 'faint' }, `${checks.length} checks${bad === 0 ? '' : `, ${bad} contradicted`}`),
    h('span', { class: 'time' }, bar, span(durationMs)),
  ];
  const content = () => [
    reason === null ? null : h('p', { class: 'reason' }, reason),
    h('ul', { class: 'checks' }, ...checks.map(check)),
  ];
  const attributes = { class: 'scenario', 'data-scenario': scenario };
  return folded(summary, bad > 0 ? 'open' : 'closed', content, attributes);
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
