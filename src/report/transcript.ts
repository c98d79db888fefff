import { formatEndpoint } from '../address.ts';
import type {
  ActionEvent,
  Check,
  Environment,
  Event,
  Outcome,
  PartyEvent,
  RunDescription,
} from '../events.ts';
import { describeRow } from '../observe/describe.ts';
import type { Snapshot } from '../observe/observer.ts';
import { formatSpan } from '../time.ts';
import type { Paint } from './paint.ts';
import type { Output, Reporter } from './reporter.ts';
import { columns, hang, pageWidth, wrap } from './text.ts';

/** What a transcript shows beside the checks. */
export type Detail = 'checks' | 'everything';

const margin = '   ';
const titleWidth = 21;
const expectedWidth = 23;
const observedWidth = 34;

/** Tells a run as a text, line by line as it happens. */
export class Transcript implements Reporter {
  readonly #output: Output;
  readonly #paint: Paint;
  readonly #detail: Detail;
  #environment: Environment | undefined;
  #snapshot: Snapshot | undefined;
  #checks = 0;
  #agreed = 0;

  constructor(output: Output, paint: Paint, detail: Detail) {
    this.#output = output;
    this.#paint = paint;
    this.#detail = detail;
  }

  on(event: Event): void {
    switch (event.type) {
      case 'run started':
        this.#environment = event.environment;
        this.#heading(event.run, event.environment);
        break;
      case 'step':
        this.#line('');
        for (const line of hang(`${event.number}  `, event.title)) this.#line(this.#paint.title(line));
        break;
      case 'party':
        this.#party(event);
        break;
      case 'action':
        this.#action(event);
        break;
      case 'snapshot':
        if (this.#detail === 'everything' && event.snapshot !== this.#snapshot) this.#raw(event.snapshot);
        this.#snapshot = event.snapshot;
        break;
      case 'note':
        this.#faint(event.text);
        break;
      case 'check':
        this.#check(event.check);
        break;
      case 'run finished':
        this.#ending(event.outcome, event.durationMs);
        break;
      case 'waiting':
      case 'waited':
        break;
    }
  }

  #heading({ scenario, title }: RunDescription, environment: Environment): void {
    for (const line of hang(`${scenario}  `, title)) this.#line(this.#paint.title(line));
    this.#line(this.#paint.faint(describeEnvironment(environment)));
    this.#line('');
    const heads = columns([
      { text: '', width: margin.length + titleWidth },
      { text: 'expected', width: expectedWidth },
      { text: 'observed', width: observedWidth },
    ]);
    for (const line of heads) this.#line(this.#paint.faint(line));
  }

  #party({ name, description }: PartyEvent): void {
    const lines = columns([
      { text: name, width: titleWidth },
      { text: description, width: expectedWidth + observedWidth },
    ]);
    for (const line of lines) this.#line(margin + line);
  }

  #action({ who, verb, detail, made }: ActionEvent): void {
    if (this.#detail === 'checks' && made === 'really') return;
    const what = `${who}: ${verb} ${detail}`.trimEnd();
    this.#faint(made === 'really' ? what : `${what} (left out)`);
  }

  #check({ title, expected, observed, verdict, note, raw }: Check): void {
    const agrees = verdict === 'as expected';
    this.#checks++;
    if (agrees) this.#agreed++;
    const mark = agrees ? this.#paint.good('✔') : this.#paint.bad('✖');
    const lines = columns([
      { text: title, width: titleWidth },
      { text: expected, width: expectedWidth },
      { text: observed, width: observedWidth },
    ]);
    for (const [i, line] of lines.entries()) this.#line((i === 0 ? ` ${mark} ` : margin) + line);
    if (note !== null) this.#faint(note);
    if (!agrees && raw !== null) this.#evidence(raw);
  }

  #evidence(raw: string): void {
    this.#line(`${margin}the last reading (${describeObserver(this.#environment)}):`);
    for (const line of raw.split('\n')) this.#line(`${margin}  ${line.trimEnd()}`);
  }

  // What was read, and what it was taken for.
  #raw({ command, raw, rows, unread }: Snapshot): void {
    this.#faint(`$ ${command}`);
    for (const line of raw.split('\n')) this.#line(this.#paint.faint(`${margin}  ${line.trimEnd()}`));
    this.#faint('read as');
    for (const row of rows)
      this.#faint(`  ${formatEndpoint(row.local)} > ${formatEndpoint(row.remote)}  ${describeRow(row)}`);
    for (const { line, reason } of unread) this.#line(`${margin}could not be read (${reason}): ${line}`);
  }

  #ending(outcome: Outcome, durationMs: number): void {
    if (this.#environment === undefined && outcome.state === 'errored') return;
    const counted = `${this.#agreed} of ${this.#checks} as expected in ${formatSpan(durationMs)}`;
    this.#line('');
    switch (outcome.state) {
      case 'passed':
        this.#line(this.#paint.good(counted));
        break;
      case 'failed':
        this.#line(this.#paint.bad(counted));
        break;
      case 'skipped':
        this.#wrapped(`skipped: ${outcome.reason}`);
        break;
      case 'interrupted':
        this.#wrapped(`interrupted (${outcome.reason}) after ${counted}`);
        break;
      case 'errored':
        this.#wrapped(`could not go on after ${counted}`);
        break;
    }
  }

  #faint(text: string): void {
    for (const line of hang(margin, text)) this.#line(this.#paint.faint(line));
  }

  #wrapped(text: string): void {
    for (const line of wrap(text, pageWidth)) this.#line(line);
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`);
  }
}

function describeEnvironment(environment: Environment): string {
  return `Linux ${environment.kernel} · Node ${environment.node} · ${describeObserver(environment)}`;
}

function describeObserver(environment: Environment | undefined): string {
  if (environment === undefined) return '';
  const { observer, observerVersion } = environment;
  return observer === 'proc' ? '/proc/net/tcp' : `${observer} (${observerVersion})`;
}
