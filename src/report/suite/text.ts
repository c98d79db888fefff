import type { Check, SuiteEvent, SuiteOutcome } from '../../events.ts';
import { groupBy } from '../../group.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import { reasonOf } from '../documents/run.ts';
import { type Reporter, type ReporterContext, writeLines } from '../reporter.ts';
import { hang, placeLines } from '../text.ts';
import { padColumns } from '../width.ts';
import { SuiteProgress } from './progress.ts';
import { contradictions, type Result, Results, titleOf } from './results.ts';
import { tally, tallyOf } from './tally.ts';

/** The width of the names: less if the counts and the time leave less room. */
function nameWidth(): number {
  return Math.min(46, pageWidth() - 25);
}

/** A line for each scenario as it ends, what contradicted it, and a summary by topic. */
export class SuiteText implements Reporter<SuiteEvent> {
  readonly #context: ReporterContext;
  readonly #results = new Results();
  readonly #progress: SuiteProgress;

  constructor(context: ReporterContext) {
    this.#context = context;
    this.#progress = new SuiteProgress(this.#results, context.progress);
  }

  onEvent(event: SuiteEvent): void {
    const result = this.#results.on(event);
    if (result !== undefined) this.#tell(result);
    this.#progress.on(event);
    if (event.type === 'suite finished') this.#summary(event.outcome, event.durationMs);
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
    this.#line(...hang('     ', `${title}: expected ${expected}`));
    this.#line(...hang('     ', `but observed ${observed}`).map(this.#context.paint.bad));
    this.#line(...placeLines('     ', location).map(this.#context.paint.faint));
    const rawLines = raw?.split('\n').map((line) => `       ${line.trimEnd()}`) ?? [];
    this.#line(...rawLines.map(this.#context.paint.faint));
  }

  #reason({ outcome }: Result): void {
    const reason = reasonOf(outcome);
    if (reason !== null) this.#line(...hang('     ', reason));
  }

  #summary(outcome: SuiteOutcome, durationMs: number): void {
    const { finished } = this.#results;
    const { paint } = this.#context;
    this.#line('');
    for (const [topic, results] of groupBy(finished, ({ topic }) => topic))
      this.#line(...hang(`   ${topic.padEnd(nameWidth())} `, tallyOf(results)));
    this.#again();
    this.#skips();
    const text = `${outcome === 'interrupted' ? 'interrupted: ' : ''}${tally(this.#results)} in ${formatSpan(durationMs)}`;
    const style = outcome === 'passed' || outcome === 'skipped' ? paint.good : paint.bad;
    this.#line('', ...hang('', text).map(style));
  }

  #again(): void {
    const names = this.#results.finished.filter(({ attempts }) => attempts > 1).map(titleOf);
    if (names.length === 0) return;
    this.#line('', ...hang('   ', 'too slow to see at first, and run again alone:'));
    this.#line(...hang('     ', names.join(', ')).map(this.#context.paint.faint));
  }

  // Many scenarios are skipped for the same reason, which is printed once.
  #skips(): void {
    const skipped = this.#results.finished.filter(({ outcome }) => outcome.state === 'skipped');
    for (const [reason, results] of groupBy(skipped, ({ outcome }) => reasonOf(outcome))) {
      const names = new Set(results.map(({ scenario }) => scenario));
      this.#line('', ...hang('   ', `skipped: ${reason}`));
      this.#line(...hang('     ', [...names].join(', ')).map(this.#context.paint.faint));
    }
  }

  #line(...lines: readonly string[]): void {
    this.#progress.clear();
    writeLines(this.#context.output, lines);
  }
}
