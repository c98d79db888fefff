/** The program of a user's own file: it loads the file, runs its scenario when that is asked for, and ends. */
import { TcpcloseError } from '../../errors.ts';
import type { Event } from '../../events.ts';
import { monotonicToOwn } from '../../native/clock.ts';
import type { LoadedScenario } from '../catalogue.ts';
import { guardExit } from '../exit-guard.ts';
import { needsTried } from '../needs.ts';
import { asError } from '../outcome.ts';
import { runScenario } from '../run.ts';
import { takeStray } from '../stray.ts';
import { located } from '../user-code.ts';
import { loadFile, loadIfScenario } from '../user-file.ts';
import { carriedError } from './carried-error.ts';
import { carriedEvent } from './carried-event.ts';
import type { Described, FromProcess, LoadMessage, RunMessage, ToProcess } from './messages.ts';

const exit = guardExit();
const send = process.send?.bind(process);
// The user's own file would take it for a process manager's.
Reflect.deleteProperty(process, 'send');

const stopping = new AbortController();
let loaded: LoadedScenario | null = null;
let stray: Error | undefined;

process.on('disconnect', () => exit(1));
process.on('message', (message: ToProcess) => void answer(message).catch(fail));
// What is thrown where nothing waits for it, and not by the run: by what the file does when it is loaded.
process.on('uncaughtException', (error) => {
  if (takeStray(error)) return;
  stray ??= error;
  stopping.abort(error);
});

async function answer(message: ToProcess): Promise<void> {
  switch (message.type) {
    case 'load':
      await load(message);
      break;
    case 'run':
      await run(message);
      break;
    case 'turn':
      tell({ type: 'turn' });
      break;
    case 'stop':
      stopping.abort(new Error(message.reason));
      break;
  }
}

async function load({ argument, given, argv }: LoadMessage): Promise<void> {
  process.argv = [...argv];
  loaded = await (given === 'by name' ? loadFile(argument) : loadIfScenario(argument));
  const scenario = loaded && withoutFunctions(loaded.scenario);
  tell({ type: 'loaded', scenario, clock: monotonicToOwn() });
}

function withoutFunctions(scenario: Described): Described {
  const { title, claim, source, decides, needs, needsFor, records, control, peers, takes, slow } = scenario;
  return { title, claim, source, decides, needs, needsFor, records, control, peers, takes, slow };
}

async function run({ options: { launchWithinMs: withinMs, ...options }, needs }: RunMessage): Promise<void> {
  if (loaded === null) throw new TcpcloseError('not-loaded', 'no scenario is loaded');
  needsTried(needs);
  const launch = withinMs === undefined ? undefined : { withinMs, slow };
  await runScenario(loaded, { ...options, launch, signal: stopping.signal, emit, parameters: {} });
}

function slow(text: string): void {
  tell({ type: 'slow', text });
}

function emit(event: Event): void {
  if (event.type !== 'run finished') {
    tell({ type: 'event', event: carriedEvent(event) });
    return;
  }
  const outcome = stray === undefined ? event.outcome : ({ state: 'errored', error: ofFile(stray) } as const);
  tellLast({ type: 'event', event: carriedEvent({ ...event, outcome }) });
}

function fail(error: unknown): void {
  tellLast({ type: 'failed', error: carriedError(asError(error)) });
}

function ofFile(error: Error): Error {
  return asError(located(error, loaded?.file ?? ''));
}

function tell(message: FromProcess): void {
  send?.(message, () => {});
}

/** What the file has left open would keep the process from ending. */
function tellLast(message: FromProcess): void {
  send?.(message, () => exit(0));
}
