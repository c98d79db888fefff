import { formatEndpoint } from '../address.ts';
import type {
  ActionEvent,
  Check,
  Environment,
  Event,
  LoadSample,
  Outcome,
  PeerEvent,
  RunDescription,
  StepEvent,
} from '../events.ts';
import { describeRow } from '../observe/describe.ts';
import type { Snapshot } from '../observe/observer.ts';
import { formatSpan } from '../time.ts';
import { pageWidth } from './columns.ts';
import { counterLines } from './counters.ts';
import { describeEnvironment } from './environment.ts';
import { describeOutcomes } from './load.ts';
import { type LadderForm, ladder } from './packets/ladder.ts';
import type { Paint } from './paint.ts';
import { type Output, type Reporter, writeLines } from './reporter.ts';
import { columns, hang, placeLines } from './text.ts';

export interface TranscriptStyle {
  /** What is shown besides the checks: nothing, or every action and the text that was read. */
  readonly detail: 'checks' | 'everything';
  /** Whether the kernel counters that changed are shown at the end. */
  readonly counters: 'shown' | 'not shown';
  /** Whether the user goes through the run step by step, and may want to look from another terminal. */
  readonly pace: 'at once' | 'step by step';
  /** How a recording is drawn, if there is one. */
  readonly ladder: LadderForm;
}

const margin = '  ';

/** The columns of the checks: what is looked at, what was expected, what was observed. */
function checkWidths(): { readonly title: number; readonly expected: number; readonly observed: number } {
  const room = pageWidth() - margin.length;
  const title = Math.round(room * 0.27);
  const expected = Math.round(room * 0.29);
  return { title, expected, observed: room - title - expected };
}

/** Prints a run as text, line by line as it happens. */
export class Transcript implements Reporter<Event> {
  readonly #output: Output;
  readonly #paint: Paint;
  readonly #style: TranscriptStyle;
  #environment: Environment | undefined;
  #snapshot: Snapshot | undefined;
  readonly #steps: StepEvent[] = [];
  #checks = 0;
  #agreed = 0;
  /** The progress or the result of this step's load. */
  #load: LoadSample | undefined;

  constructor(output: Output, paint: Paint, style: TranscriptStyle) {
    this.#output = output;
    this.#paint = paint;
    this.#style = style;
  }

  onEvent(event: Event): void {
    switch (event.type) {
      case 'run started':
        this.#environment = event.environment;
        this.#heading(event.run, event.environment);
        break;
      case 'step':
        this.#steps.push(event);
        this.#load = undefined;
        this.#step(event);
        break;
      case 'peer':
        this.#peer(event);
        break;
      case 'action':
        this.#action(event);
        break;
      case 'snapshot':
        if (this.#style.detail === 'everything' && event.snapshot !== this.#snapshot)
          this.#raw(event.snapshot);
        this.#snapshot = event.snapshot;
        break;
      case 'note':
        this.#faint(event.text);
        break;
      case 'check':
        this.#check(event.check);
        break;
      case 'counters':
        if (this.#style.counters === 'shown')
          this.#line(...event.counters.flatMap((counters) => counterLines(counters, this.#paint)));
        break;
      case 'recorded':
        this.#line('');
        this.#line(...ladder(event.recording, this.#steps, this.#style.ladder, this.#paint));
        break;
      case 'run finished':
        this.#ending(event.outcome, event.durationMs);
        break;
      case 'load':
        this.#load = event.sample;
        break;
      case 'counted':
      case 'answered':
      case 'waiting':
      case 'waited':
        break;
    }
  }

  #heading({ scenario, title }: RunDescription, environment: Environment): void {
    this.#line(...hang(`${scenario}  `, title).map(this.#paint.title));
    this.#line(...hang('', describeEnvironment(environment)).map(this.#paint.faint));
    this.#line('');
    const widths = checkWidths();
    const heads = columns([
      { text: '', width: margin.length + widths.title },
      { text: 'expected', width: widths.expected },
      { text: 'observed', width: widths.observed },
    ]);
    this.#line(...heads.map(this.#paint.faint));
  }

  #step({ number, title, look }: StepEvent): void {
    this.#line('');
    this.#line(...hang(`${number}  `, title).map(this.#paint.title));
    if (this.#style.pace === 'at once') return;
    if (look !== null) this.#faint(`look from another terminal: ${look}`);
    this.#faint('press Enter to continue');
  }

  #peer({ name, description }: PeerEvent): void {
    const { title, expected, observed } = checkWidths();
    const lines = columns([
      { text: name, width: title },
      { text: description, width: expected + observed },
    ]);
    this.#line(...lines.map((line) => margin + line));
  }

  #action({ who, verb, detail, made }: ActionEvent): void {
    if (this.#style.detail === 'checks' && made === 'really') return;
    const what = `${who}: ${verb} ${detail}`.trimEnd();
    this.#faint(made === 'really' ? what : `${what} (left out)`);
  }

  #check({ title, expected, observed, verdict, note, raw, location }: Check): void {
    const agrees = verdict === 'as expected';
    this.#checks++;
    if (agrees) this.#agreed++;
    const mark = agrees ? this.#paint.good('✔') : this.#paint.bad('✖');
    const widths = checkWidths();
    const lines = columns([
      { text: title, width: widths.title },
      { text: expected, width: widths.expected },
      { text: observed, width: widths.observed },
    ]);
    this.#line(...lines.map((line, i) => (i === 0 ? `${mark} ` : margin) + line));
    if (note !== null) this.#faint(note);
    if (!agrees) this.#line(...placeLines(margin, location).map(this.#paint.faint));
    if (!agrees && raw !== null) this.#evidence(raw);
  }

  #evidence(raw: string): void {
    const where = this.#environment === undefined ? '' : describeEnvironment(this.#environment);
    this.#line(`${margin}the last reading (${where}):`, ...rawLines(raw));
  }

  // The text that was read, and how it was parsed.
  #raw({ command, raw, rows, unread }: Snapshot): void {
    this.#faint(`$ ${command}`);
    this.#line(...rawLines(raw).map(this.#paint.faint));
    this.#faint('read as');
    for (const row of rows) {
      const ends = `${formatEndpoint(row.local)} > ${formatEndpoint(row.remote)}`;
      this.#faint(`${ends}  ${describeRow(row)}`, `${margin}  `);
    }
    for (const { line, reason } of unread) this.#line(`${margin}cannot be read (${reason}): ${line}`);
  }

  #ending(outcome: Outcome, durationMs: number): void {
    if (this.#environment === undefined) {
      // The run has not begun; the caller reports the error.
      if (outcome.state === 'skipped') this.#line(...hang('', `skipped: ${outcome.reason}`));
      if (outcome.state === 'interrupted')
        this.#line(...hang('', `interrupted (${outcome.reason}) before the first step`));
      return;
    }
    const agreed = `${this.#agreed} of ${this.#checks} as expected`;
    const counted = `${agreed}; the run took ${formatSpan(durationMs)}`;
    const soFar =
      this.#checks > 0
        ? `${agreed} in ${formatSpan(durationMs)}`
        : `${formatSpan(durationMs)}, before the first check`;
    // The first sample is taken at the start, and shows nothing about the connections.
    const { done, of } = this.#load ?? { done: 0, of: 0 };
    if (outcome.state !== 'passed' && this.#load !== undefined && done > 0 && done < of)
      this.#faint(describeOutcomes(this.#load));
    this.#line('');
    switch (outcome.state) {
      case 'passed':
        this.#line(this.#paint.good(counted));
        break;
      case 'failed':
        this.#line(this.#paint.bad(counted));
        break;
      case 'skipped':
        this.#line(...hang('', `skipped: ${outcome.reason}`));
        break;
      case 'interrupted':
        this.#line(...hang('', `interrupted (${outcome.reason}) after ${soFar}`));
        break;
      case 'errored':
        this.#line(...hang('', `stopped after ${soFar}`));
        break;
    }
  }

  #faint(text: string, indent = margin): void {
    this.#line(...hang(indent, text).map(this.#paint.faint));
  }

  #line(...lines: readonly string[]): void {
    writeLines(this.#output, lines);
  }
}

function rawLines(raw: string): string[] {
  return raw.split('\n').map((line) => `${margin}  ${line.trimEnd()}`);
}
