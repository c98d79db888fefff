import type { Check, SuiteEvent, SuiteOutcome } from '../../events.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import { reasonOf } from '../documents/run.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { Spinner } from '../spinner.ts';
import { hang, placeLines } from '../text.ts';
import { padColumns } from '../width.ts';
import { contradictions, groupByTopic, type Result, Results, titleOf } from './results.ts';
import { tally, tallyOf } from './tally.ts';

/** The names take what the counts and the time leave, if that is less. */
function nameWidth(): number {
  return Math.min(46, pageWidth() - 25);
}

/** A line for each scenario as it ends, what contradicted it, and a summary by topic. */
export class SuiteText implements Reporter<SuiteEvent> {
  readonly #context: ReporterContext;
  readonly #results = new Results();
  readonly #spinner: Spinner;

  constructor(context: ReporterContext) {
    this.#context = context;
    this.#spinner = new Spinner(context.progress);
  }

  onEvent(event: SuiteEvent): void {
    const result = this.#results.on(event);
    switch (event.type) {
      case 'suite started':
        this.#spinner.say(this.#progress());
        break;
      case 'of scenario':
        if (result !== undefined) this.#tell(result);
        this.#spinner.say(this.#progress());
        break;
      case 'suite finished':
        this.#spinner.stop();
        this.#summary(event.outcome, event.durationMs);
        break;
    }
  }

  #progress(): string {
    const { finished, running } = this.#results;
    return `${finished.length} of ${this.#results.total}: ${running.join(', ')}`;
  }

  #tell(result: Result): void {
    const { outcome, checks, durationMs } = result;
    const { paint } = this.#context;
    const title = padColumns(titleOf(result), nameWidth());
    const agreed = `${checks.length - contradictions(result).length} of ${checks.length}`.padEnd(9);
    switch (outcome.state) {
      case 'passed':
        this.#line(` ${paint.good('✔')} ${title} ${agreed} ${formatSpan(durationMs)}`);
        break;
      case 'skipped':
        this.#line(` ${paint.faint('-')} ${title} ${paint.faint('skipped')}`);
        break;
      case 'failed':
        this.#line(` ${paint.bad('✖')} ${title} ${agreed} ${formatSpan(durationMs)}`);
        for (const check of contradictions(result)) this.#contradiction(check);
        this.#reason(result);
        break;
      case 'errored':
        this.#line(` ${paint.bad('✖')} ${title} errored`);
        this.#reason(result);
        break;
      case 'interrupted':
        this.#line(` ${paint.bad('✖')} ${title} interrupted`);
        break;
    }
  }

  #contradiction({ title, expected, observed, raw, location }: Check): void {
    for (const line of hang('     ', `${title}: expected ${expected}`)) this.#line(line);
    for (const line of hang('     ', `but observed ${observed}`)) this.#line(this.#context.paint.bad(line));
    for (const line of placeLines('     ', location)) this.#line(this.#context.paint.faint(line));
    for (const line of raw?.split('\n') ?? [])
      this.#line(this.#context.paint.faint(`       ${line.trimEnd()}`));
  }

  #reason({ outcome }: Result): void {
    const reason = reasonOf(outcome);
    if (reason !== null) for (const line of hang('     ', reason)) this.#line(line);
  }

  #summary(outcome: SuiteOutcome, durationMs: number): void {
    const { finished } = this.#results;
    const { paint } = this.#context;
    this.#line('');
    for (const [topic, results] of groupByTopic(finished))
      for (const line of hang(`   ${topic.padEnd(nameWidth())} `, tallyOf(results))) this.#line(line);
    this.#skips();
    const text = `${outcome === 'interrupted' ? 'interrupted: ' : ''}${tally(this.#results)} in ${formatSpan(durationMs)}`;
    this.#line('');
    for (const line of hang('', text))
      this.#line(outcome === 'passed' || outcome === 'skipped' ? paint.good(line) : paint.bad(line));
  }

  // Many are skipped for the same reason, which is told once.
  #skips(): void {
    const reasons = new Map<string, string[]>();
    for (const { outcome, scenario } of this.#results.finished) {
      if (outcome.state !== 'skipped') continue;
      reasons.set(outcome.reason, [...(reasons.get(outcome.reason) ?? []), scenario]);
    }
    for (const [reason, names] of reasons) {
      this.#line('');
      for (const line of hang('   ', `skipped: ${reason}`)) this.#line(line);
      for (const line of hang('     ', [...new Set(names)].join(', ')))
        this.#line(this.#context.paint.faint(line));
    }
  }

  #line(text: string): void {
    this.#spinner.clear();
    this.#context.output.write(`${text}\n`);
  }
}
