import { shownCommand } from '../../foreign.ts';
import { groupBy } from '../../group.ts';
import { shorten } from '../../shorten.ts';
import { formatSpan } from '../../time.ts';
import { pageWidth } from '../columns.ts';
import type { RestartDocument } from '../documents/restart.ts';
import type { Paint } from '../paint.ts';
import { hang, together } from '../text.ts';
import { chop } from '../width.ts';
import { describeLoss, entry, loadLines, lossLines } from './load-text.ts';
import { reloadLines } from './reload-text.ts';
import { sideBySide } from './side-by-side.ts';
import {
  describeOther,
  describeUnit,
  isInterrupted,
  outputOf,
  ownWords,
  titleOf,
  watchingOf,
} from './words.ts';

type Run = RestartDocument['runs'][number];
type Evidence = NonNullable<Run['evidence']>;
type SecondStart = NonNullable<Evidence['secondStart']>;
type Call = SecondStart['calls'][number];

const outputLines = 8;

/** Each restart: what was done, what was left, and its result; and all of them side by side. */
export function restartText(document: RestartDocument, paint: Paint): string[] {
  const { command, port, path, runs } = document;
  const where = path ?? (port === null ? '' : `port ${port}`);
  return [
    paint.title(shownCommand(command)),
    ...(where === '' ? [] : [where]),
    ...runs.flatMap((run, i) => {
      const same = runs.slice(0, i).find((earlier) => failsAlike(earlier, run));
      return ['', ...describeRun(run, same, paint, path === null ? 'port' : 'path')];
    }),
    ...(runs.length > 1 ? ['', ...sideBySide(runs, paint)] : []),
  ];
}

/** Whether two runs failed in the same way. Only numbers such as pids and times may differ. */
function failsAlike(a: Run, b: Run): boolean {
  const essence = ({ verdict, cause, evidence }: Run) =>
    [verdict, cause, evidence?.explanation?.replace(/[\d.]+( m?s\b)?/g, '#'), evidence?.remedy].join('\n');
  return b.verdict === 'fails' && essence(a) === essence(b);
}

/** @param same an earlier run that failed in the same way, and is described in full */
function describeRun(run: Run, same: Run | undefined, paint: Paint, place: 'port' | 'path'): string[] {
  const { evidence } = run;
  const title = titleOf(run);
  if (evidence === null) return [title, ...verdictLines(run, paint)];
  const { stopped, secondStart } = evidence;
  if (run.reload != null) return describeReload(run, run.reload, paint);
  return [
    title,
    ...entry(
      'stopped',
      stopped === null ? 'no' : `after ${formatSpan(stopped.afterMs)}, ${describeEnding(stopped)}`,
    ),
    ...(place === 'port' ? leftLines(run) : []),
    ...(same === undefined ? detailLines(run, paint, place) : alikeLines(run, same, paint)),
    ...run.warnings.flatMap((warning) => hang('    Warning: ', warning)),
    ...run.leftFiles.flatMap(({ path, reason }) => hang('    Left: ', `the Unix socket ${path} (${reason})`)),
    ...(secondStart !== null && run.verdict === 'fails' && same === undefined ? outputTail(run, paint) : []),
  ];
}

function describeReload(run: Run, reload: NonNullable<Run['reload']>, paint: Paint): string[] {
  return [
    titleOf(run),
    ...reloadLines(reload),
    ...(run.load === null || reload.handover?.toldMs === null ? [] : loadLines(run.load, paint, reload)),
    ...verdictLines(run, paint),
    ...run.warnings.flatMap((warning) => hang('    Warning: ', warning)),
    ...run.leftFiles.flatMap(({ path, reason }) => hang('    Left: ', `the Unix socket ${path} (${reason})`)),
    ...(run.verdict === 'fails' ? outputTail(run, paint) : []),
  ];
}

function detailLines(run: Run, paint: Paint, place: 'port' | 'path'): string[] {
  const { secondStart = null, bind = null } = run.evidence ?? {};
  const failedCalls = secondStart?.calls.filter(({ result }) => !['ok', 'not seen'].includes(result)) ?? [];
  return [
    ...(run.unit == null ? [] : entry('unit', describeUnit(run.unit))),
    ...run.oldProcesses.flatMap(({ pid, name, command }) =>
      entry('still there', `pid ${pid} ${shorten(command || name, 200)}`),
    ),
    ...(place === 'port' ? entry('listener', describeOptions(run)) : []),
    ...entry('calls', watchingOf(run)),
    ...(secondStart === null ? [] : entry('started again', describeSecond(secondStart, run))),
    ...callLines(failedCalls),
    ...run.otherListeners.flatMap((other) => entry('also listens', describeOther(other))),
    ...(bind === null ? [] : entry('a bind now', describeBind(bind))),
    ...(run.load === null ? [] : loadLines(run.load, paint)),
    ...verdictLines(run, paint),
  ];
}

function alikeLines({ cause }: Run, same: Run, paint: Paint): string[] {
  const name = cause === null ? '' : `: ${cause}`;
  return marked(paint.bad, '✖', `does not survive${name}, as above (${titleOf(same)})`);
}

function describeEnding({ status, signal }: { status: number | null; signal: string | null }): string {
  if (signal !== null) return `by ${signal}`;
  return status === null ? 'it is gone' : `exit ${status}`;
}

function leftLines({ oldSockets }: Run): string[] {
  if (oldSockets.length === 0) return entry('left on the port', 'nothing');
  const alike = groupBy(oldSockets, (socket) => `${socket.state} ${ownersOf(socket)}`);
  return [...alike.values()].flatMap((sockets) => {
    const [first] = sockets;
    if (first === undefined) return [];
    const leftMs = Math.max(...sockets.map(({ timer }) => (timer?.kind === 'timewait' ? timer.leftMs : 0)));
    const left = leftMs === 0 ? '' : `   ${formatSpan(leftMs)} left`;
    return entry('left on the port', `${first.state} x${sockets.length}   ${ownersOf(first)}${left}`);
  });
}

function ownersOf({ processes }: Run['oldSockets'][number]): string {
  return processes.map(({ pid, name }) => `pid ${pid} ${name}`).join(', ') || 'no process';
}

function describeOptions({ listenerOptions: { reuseAddress, reusePort, reason } }: Run): string {
  if (reuseAddress === null) return `its options could not be read: ${reason}`;
  const port = reusePort ? ', SO_REUSEPORT on' : '';
  return `SO_REUSEADDR ${reuseAddress ? 'on' : 'off'}${port} (read from the old one)`;
}

function describeSecond(
  { result, ended, output, listensOn, acceptedBy, watchedMs }: SecondStart,
  { outageMs }: Run,
): string {
  switch (result) {
    case 'accepts':
      return `${describeAcceptors(acceptedBy)} accepts a client ${formatSpan(outageMs ?? 0)} after the signal, and is still there ${formatSpan(watchedMs ?? 0)} later`;
    case 'not ready':
      return 'accepts a client, but is not ready';
    case 'not everywhere':
      return 'accepts a client, but does not listen where the first start did';
    case 'no answer':
      return 'listens, but does not answer its client';
    case 'ends its client':
      return 'listens, but ends the connection of its client';
    case 'listens only':
      return 'listens, but accepts no client';
    case 'failed': {
      if (ended === null && listensOn.length > 0) return `listens elsewhere: on ${listensOn.join(', ')}`;
      const how = ended === null ? 'does not listen' : describeEnding(ended);
      return `${how}: ${ownWords(output)}`;
    }
  }
}

// A server that retries may make a hundred calls.
function callLines(calls: readonly Call[]): string[] {
  return [...groupBy(calls, (call) => `${call.call} ${describeCall(call)}`).values()].flatMap((alike) =>
    alike.slice(0, 1).flatMap((call) => {
      const times = alike.length === 1 ? '' : `   ${alike.length} times`;
      return entry(`its ${call.call}()`, `${describeCall(call)}${times}`);
    }),
  );
}

function describeCall({ address, port, path, reuseAddress, result, pid, program }: Call): string {
  const where =
    path ?? `${address === null ? '' : address.includes(':') ? `[${address}]` : address}:${port ?? '?'}`;
  const option =
    path !== null || reuseAddress === null ? '' : ` ${reuseAddress ? 'with' : 'without'} SO_REUSEADDR`;
  return `${where}${option}: ${result}   pid ${pid} ${program}`;
}

function describeAcceptors([first, ...others]: SecondStart['acceptedBy']): string {
  if (first === undefined) return 'a process that cannot be seen';
  return `pid ${first.pid} ${first.name}${others.length === 0 ? '' : ` or ${others.length} more`}`;
}

function describeBind({ withoutReuseAddress, withReuseAddress }: NonNullable<Evidence['bind']>): string {
  const say = (result: string) => (result === 'ok' ? 'succeeds' : result);
  return `without SO_REUSEADDR ${say(withoutReuseAddress)}, with it ${say(withReuseAddress)}`;
}

function verdictLines(run: Run, paint: Paint): string[] {
  const { verdict, cause, evidence, reason, outageMs, load } = run;
  if (isInterrupted(run)) return hang('  ', reason ?? '');
  if (verdict === 'loses' && load !== null) {
    return [
      ...marked(paint.bad, '✖', `survives, ${describeLoss(load)}: ${cause}`),
      ...lossLines(load.losses),
    ];
  }
  if (verdict === 'survives' && load !== null) {
    return [
      ...marked(
        paint.good,
        '✔',
        `survives, ${describeLoss(load)}${outageMs === null ? '' : `: ${formatSpan(outageMs)} outage`}`,
      ),
      ...lossLines(load.losses),
    ];
  }
  if (verdict === 'survives') {
    const { survived = 1 } = evidence?.rounds ?? {};
    const rounds = survived > 1 ? ` (${survived} of ${survived} rounds)` : '';
    return [`  ${paint.good('✔')} survives${rounds}: ${formatSpan(outageMs ?? 0)} outage`];
  }
  if (verdict === 'not decided') return hang('  ? not decided: ', reason ?? '');
  const recovered =
    outageMs === null ? [] : hang('    ', `It listened again ${formatSpan(outageMs)} after the signal.`);
  return [
    `  ${paint.bad('✖')} does not survive${cause === null ? '' : `: ${cause}`}`,
    ...hang('    ', evidence?.explanation ?? ''),
    ...recovered,
    ...hang('    Remedy: ', evidence?.remedy ?? ''),
  ];
}

function outputTail(run: Run, paint: Paint): string[] {
  const output = outputOf(run);
  if (output === '') return [];
  const lines = output
    .split('\n')
    .slice(-outputLines)
    .flatMap((line) => chop(line, pageWidth() - 6));
  return [paint.faint('    its last output:'), ...lines.map((line) => paint.faint(`      ${line}`))];
}

/** Only the mark has a colour, which has no width. */
function marked(colour: (text: string) => string, mark: string, text: string): string[] {
  const [first = '', ...others] = hang(`  ${mark} `, together(text));
  return [first.replace(mark, () => colour(mark)), ...others];
}
