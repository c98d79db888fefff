import { messageOf } from '../../errors.ts';
import type { SuiteEvent } from '../../events.ts';
import type { Output } from '../reporter.ts';
import { escapeXml } from '../xml.ts';
import type { SuiteReporter } from './reporters.ts';
import { contradictions, groupByTopic, type Result, Results, titleOf } from './results.ts';

/** JUnit's XML, as CI systems read it: a suite for each topic, a case for each scenario. */
export class Junit implements SuiteReporter {
  readonly #output: Output;
  readonly #results = new Results();

  constructor(output: Output) {
    this.#output = output;
  }

  on(event: SuiteEvent): void {
    this.#results.on(event);
    if (event.type !== 'suite finished') return;
    const byTopic = groupByTopic(this.#results.finished);
    const suites = [...byTopic].flatMap(([topic, results]) => describeSuite(topic, results));
    const counts = countsOf(this.#results.finished);
    const lines = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites name="tcpclose" ${counts} time="${seconds(event.durationMs)}">`,
      ...suites,
      '</testsuites>',
    ];
    this.#output.write(`${lines.join('\n')}\n`);
  }
}

function describeSuite(topic: string, results: readonly Result[]): string[] {
  const time = results.reduce((total, { durationMs }) => total + durationMs, 0);
  return [
    `  <testsuite name="${escapeXml(topic)}" ${countsOf(results)} time="${seconds(time)}">`,
    ...results.flatMap(describeCase),
    '  </testsuite>',
  ];
}

function describeCase(result: Result): string[] {
  const { topic, durationMs } = result;
  const name = escapeXml(titleOf(result).slice(topic.length + 1));
  const open = `    <testcase classname="tcpclose.${escapeXml(topic)}" name="${name}" time="${seconds(durationMs)}"`;
  const inside = insideOf(result);
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, '    </testcase>'];
}

function insideOf(result: Result): string[] {
  const { outcome } = result;
  switch (outcome.state) {
    case 'passed':
      return [];
    case 'skipped':
      return [`      <skipped message="${escapeXml(outcome.reason)}"/>`];
    case 'errored':
      return [`      <error message="${escapeXml(messageOf(outcome.error))}"/>`];
    case 'interrupted':
      return [`      <error message="${escapeXml(`interrupted: ${outcome.reason}`)}"/>`];
    case 'failed':
      return failuresOf(result, outcome.reason ?? 'contradicted');
  }
}

function failuresOf(result: Result, reason: string): string[] {
  const failures = contradictions(result).map(({ title, expected, observed, raw }) => {
    const message = escapeXml(`${title}: expected ${expected}, observed ${observed}`);
    return `      <failure message="${message}">${escapeXml(raw ?? '')}</failure>`;
  });
  return failures.length > 0 ? failures : [`      <failure message="${escapeXml(reason)}"/>`];
}

function countsOf(results: readonly Result[]): string {
  const count = (...states: string[]) =>
    results.filter(({ outcome }) => states.includes(outcome.state)).length;
  const errors = count('errored', 'interrupted');
  return `tests="${results.length}" failures="${count('failed')}" errors="${errors}" skipped="${count('skipped')}"`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
