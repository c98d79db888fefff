import * as v from 'valibot';
import { messageOf } from '../../errors.ts';
import type { Event, Outcome } from '../../events.ts';
import type { Snapshot } from '../../observe/observer.ts';
import { describeSystemError } from '../../system-error.ts';
import type { Reporter } from '../reporter.ts';
import {
  atMs,
  check,
  checkDocument,
  type DocumentOf,
  environment,
  loadSample,
  movedCounters,
  outcome,
  schemaVersion,
  sinceStart,
  snapshot,
  snapshotDocument,
} from './parts.ts';
import { recording, recordingDocument } from './recording.ts';

/** What `tcpclose demo --json` prints. */
export const runDocument = v.object({
  schemaVersion,
  scenario: v.string(),
  title: v.string(),
  claim: v.string(),
  parameters: v.record(v.string(), v.unknown()),
  outcome,
  reason: v.nullable(v.string()),
  environment: v.nullable(environment),
  checks: v.array(
    v.object({
      step: v.pipe(v.number(), v.description('the number of the step it belongs to')),
      ...check.entries,
      atMs,
    }),
  ),
  steps: v.array(
    v.object({
      number: v.number(),
      title: v.string(),
      atMs,
      parties: v.array(
        v.object({
          name: v.string(),
          pid: v.number(),
          description: v.string(),
          atMs: v.pipe(v.number(), v.description('when it listened or was connected, in milliseconds')),
        }),
      ),
      actions: v.array(
        v.object({
          who: v.string(),
          verb: v.string(),
          detail: v.string(),
          made: v.picklist(['really', 'left out']),
          atMs,
        }),
      ),
      snapshots: v.array(snapshot),
      load: v.pipe(v.array(loadSample), v.description('how far many short connections had come')),
    }),
  ),
  counters: v.array(movedCounters),
  recording: v.pipe(v.nullable(recording), v.description('what was captured, if it was recorded')),
  durationMs: v.pipe(
    v.number(),
    v.description('of the whole run: also of what comes before the first step and after the last check'),
  ),
});

export type RunDocument = DocumentOf<typeof runDocument>;
type DocumentStep = RunDocument['steps'][number];
/** A document under construction. */
type Step = { -readonly [Key in keyof DocumentStep]: Writable<DocumentStep[Key]> };
type Writable<Value> = Value extends readonly (infer Item)[] ? Item[] : Value;

/** Collects the events of one run in its document. */
export class RunRecorder implements Reporter<Event> {
  readonly #scenario: string;
  readonly #tell: (document: RunDocument) => void;
  #startedAt = performance.now();
  readonly #checks: RunDocument['checks'][number][] = [];
  readonly #steps: Step[] = [];
  #snapshot: Snapshot | undefined;
  #counters: RunDocument['counters'] = [];
  #recording: RunDocument['recording'] = null;
  #started: Extract<Event, { type: 'run started' }> | undefined;

  constructor(scenario: string, tell: (document: RunDocument) => void) {
    this.#scenario = scenario;
    this.#tell = tell;
  }

  onEvent(event: Event): void {
    switch (event.type) {
      case 'run started':
        this.#started = event;
        this.#startedAt = event.at;
        break;
      case 'step':
        this.#steps.push(emptyStep(event.number, event.title, this.#sinceStart(event)));
        break;
      case 'peer':
        this.#step.parties.push({
          ...{ name: event.name, pid: event.pid, description: event.description },
          atMs: this.#sinceStart(event),
        });
        break;
      case 'action': {
        const { who, verb, detail, made } = event;
        this.#step.actions.push({ who, verb, detail, made, atMs: this.#sinceStart(event) });
        break;
      }
      case 'snapshot':
        // Several checks may rest on one reading.
        if (event.snapshot !== this.#snapshot) {
          this.#step.snapshots.push(snapshotDocument(event.host, event.snapshot, this.#startedAt));
        }
        this.#snapshot = event.snapshot;
        break;
      case 'check':
        this.#checks.push({
          step: this.#step.number,
          ...checkDocument(event.check),
          atMs: this.#sinceStart(event),
        });
        break;
      case 'load':
        this.#step.load.push(event.sample);
        break;
      case 'counters':
        this.#counters = event.counters;
        break;
      case 'recorded':
        this.#recording = recordingDocument(event.recording, this.#startedAt);
        break;
      case 'run finished':
        this.#finish(event);
        break;
      case 'note':
      case 'counted':
      case 'answered':
      case 'waiting':
      case 'waited':
        break;
    }
  }

  // A run that could not start has no document; the error is reported instead.
  #finish({ outcome, durationMs }: Extract<Event, { type: 'run finished' }>): void {
    if (this.#started === undefined && outcome.state === 'errored') return;
    const run = this.#started?.run;
    this.#tell({
      schemaVersion: 1,
      scenario: this.#scenario,
      title: run?.title ?? '',
      claim: run?.claim ?? '',
      parameters: run?.parameters ?? {},
      outcome: outcome.state,
      reason: reasonOf(outcome),
      environment: this.#started?.environment ?? null,
      checks: this.#checks,
      steps: this.#steps,
      counters: this.#counters,
      recording: this.#recording,
      durationMs: Math.round(durationMs),
    });
  }

  #sinceStart({ at }: { readonly at: number }): number {
    return sinceStart(at, this.#startedAt);
  }

  // Events before the first step belong to the preparation.
  get #step(): Step {
    const last = this.#steps.at(-1);
    if (last !== undefined) return last;
    const preparation = emptyStep(0, 'preparation', 0);
    this.#steps.push(preparation);
    return preparation;
  }
}

function emptyStep(number: number, title: string, atMs: number): Step {
  return { number, title, atMs, parties: [], actions: [], snapshots: [], load: [] };
}

export function reasonOf(outcome: Outcome): string | null {
  switch (outcome.state) {
    case 'passed':
      return null;
    case 'failed':
      return outcome.reason ?? null;
    case 'skipped':
    case 'interrupted':
      return outcome.reason;
    case 'errored':
      return describeSystemError(outcome.error) ?? messageOf(outcome.error);
  }
}
