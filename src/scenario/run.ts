import { arch, release } from 'node:os';
import { TcpcloseError } from '../errors.ts';
import type { Emit, Environment, Outcome } from '../events.ts';
import { thisMachine } from '../lab/host.ts';
import { Lab } from '../lab/lab.ts';
import type { Stimulus } from '../lab/party.ts';
import { Spares } from '../lab/spares.ts';
import { type Observer, type ObserverChoice, openObserver } from '../observe/observer.ts';
import { unlessAborted } from '../time.ts';
import type { LoadedScenario } from './catalogue.ts';
import { createExpect } from './expect/expect.ts';
import { Contradicted, checkOf, type Record } from './expect/record.ts';

export interface RunOptions {
  /** Values for the scenario's parameters; the defaults for those not given. */
  readonly parameters: Readonly<{ [name: string]: unknown }>;
  readonly address: string;
  /** Of the first server; a free one if undefined. */
  readonly port: number | undefined;
  readonly observer: ObserverChoice;
  readonly emit: Emit;
  /** Ends the run; its reason tells why. */
  readonly signal: AbortSignal;
  /** How long an expectation waits before it is contradicted, in milliseconds. */
  readonly patienceMs?: number;
  /** A stimulus to leave out: a control experiment. */
  readonly withheld?: Stimulus | undefined;
  /** Awaited before each step. */
  readonly beforeStep?: (signal: AbortSignal) => Promise<void>;
}

const usualPatienceMs = 10_000;

/** Runs one scenario and reports it by events. Whatever happens is an outcome; when it settles, nothing is left of the run. */
export async function runScenario(loaded: LoadedScenario, options: RunOptions): Promise<Outcome> {
  const { scenario } = loaded;
  const { emit, signal } = options;
  const startedAt = performance.now();
  const spares = new Spares(thisMachine, scenario.peers);
  const observer = openObserver(options.observer, thisMachine, signal);
  const lab = new Lab({
    host: thisMachine,
    spares,
    observer,
    emit,
    signal,
    address: options.address,
    port: options.port,
    withheld: options.withheld,
  });
  let contradicted = false;
  const record: Record = (finding, about) => {
    const check = checkOf(finding, about);
    contradicted ||= check.verdict === 'contradicted';
    emit({ type: 'check', check });
  };
  const parameters = { ...defaultsOf(loaded), ...options.parameters };

  const run = async () => {
    const environment = describeEnvironment(await observer);
    await lab.checkChoice();
    const { title, claim } = scenario;
    emit({ type: 'run started', run: { scenario: loaded.name, title, claim, parameters }, environment });
    await scenario.run({
      lab,
      expect: createExpect(lab, record, options.patienceMs ?? usualPatienceMs),
      step: stepper(lab, options),
      note: (text) => emit({ type: 'note', text }),
      ...parameters,
    });
  };
  let outcome = await settle(unlessAborted(signal, run()), signal);
  if (contradicted && outcome.state !== 'interrupted') outcome = { state: 'failed' };
  try {
    await lab.end();
  } catch (error) {
    if (outcome.state === 'passed') outcome = { state: 'errored', error: asError(error) };
  }
  emit({ type: 'run finished', outcome, durationMs: performance.now() - startedAt });
  return outcome;
}

async function settle(run: Promise<void>, signal: AbortSignal): Promise<Outcome> {
  try {
    await run;
    return { state: 'passed' };
  } catch (error) {
    if (signal.aborted) return { state: 'interrupted', reason: asError(signal.reason).message };
    if (error instanceof Contradicted) return { state: 'failed' };
    return { state: 'errored', error: asError(error) };
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new TcpcloseError('unknown', String(error));
}

function defaultsOf({ scenario }: LoadedScenario): { [name: string]: unknown } {
  return Object.fromEntries(
    Object.entries(scenario.parameters).map(([name, { fallback }]) => [name, fallback]),
  );
}

function stepper(lab: Lab, { emit, signal, beforeStep }: RunOptions): (title: string) => Promise<void> {
  let number = 0;
  return async (title) => {
    number++;
    emit({ type: 'step', number, title, look: await lab.commandToLook() });
    await beforeStep?.(signal);
  };
}

function describeEnvironment({ name, version }: Observer): Environment {
  return {
    kernel: release(),
    arch: arch(),
    node: process.versions.node,
    observer: name,
    observerVersion: version,
    user: process.getuid?.() ?? -1,
  };
}
