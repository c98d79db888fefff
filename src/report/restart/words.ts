import type { RestartDocument } from '../documents/restart.ts';

type Run = RestartDocument['runs'][number];

/** `SIGTERM, the clients stay connected`. */
export function titleOf({ signal, clients, order, way, load, reload }: Run): string {
  if (reload == null && way === 'handover') return `handover, then ${signal}, under load`;
  if (reload == null && way === 'reload')
    return `reload by ${signal === 'none' ? 'a command' : signal}, under load`;
  if (reload?.handover) {
    const { by, signal } = reload.handover;
    return `handover${by == null ? '' : ` by ${by}`}, then ${signal}, under load`;
  }
  if (reload != null) return `reload by ${reload.signal ?? `"${reload.command}"`}, under load`;
  if (load !== null || way === 'restart under load') return `${signal}, under load`;
  if (order === 'client-first') return `${signal}, the clients close first`;
  return `${signal}, the clients ${clients === 'stay' ? 'stay connected' : 'close after it'}`;
}

/** Whether the user interrupted it, which is not a verdict about the server. */
export function isInterrupted({ verdict, reason }: Pick<Run, 'verdict' | 'reason'>): boolean {
  return verdict === 'not decided' && reason?.startsWith('interrupted') === true;
}

/** The verdict of a run, or `interrupted` if it has none. */
export function shownVerdict(run: Pick<Run, 'verdict' | 'reason'>): Run['verdict'] | 'interrupted' {
  return isInterrupted(run) ? 'interrupted' : run.verdict;
}

/** The same for all runs together. */
export function verdictOfAll({ verdict, runs }: RestartDocument): Run['verdict'] | 'interrupted' {
  return verdict === 'not decided' && runs.some(isInterrupted) ? 'interrupted' : verdict;
}

/** The end of what the second start printed. */
export function outputOf({ evidence, reload }: Run): string {
  return (evidence?.secondStart?.output ?? reload?.output ?? '').trimEnd();
}

/** The basis of the verdict and of the choice of the listener: the calls of the command itself, or the kernel's state alone. */
export function watchingOf({ watching, target, evidence }: Run): string {
  if (evidence === null && watching.state === 'off') return watching.reason ?? '';
  if (watching.state === 'on') {
    const unseen = target?.seenBy === 'table' ? "; this listener is known only from the kernel's table" : '';
    return `its bind() and listen() were watched${unseen}`;
  }
  return `not watched: ${watching.reason}. The verdict rests on the kernel's state.`;
}

/** The line of the output that tells the most. */
export function ownWords(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const telling = tellingWords.flatMap((words) => lines.find((line) => words.test(line)) ?? []);
  return telling[0] ?? lines.findLast((line) => line !== '') ?? 'it printed nothing';
}

/** The most telling words first. */
const tellingWords = [/in use|EADDR/i, /^\S*(Error|Exception)\b/, /error|fail|denied|cannot|unable|exists/i];

/** `web.service, Type=notify, Restart=always`. */
export function describeUnit({ name, type, restart, sockets }: NonNullable<Run['unit']>): string {
  const held =
    sockets.length === 0
      ? ''
      : `; ${sockets.join(', ')} holds the listener, which stays open: connections wait in its queue`;
  return `${name}, Type=${type}, Restart=${restart}${held}`;
}

/** A listener beside the server's own. */
export function describeOther({ address, tool, processes }: Run['otherListeners'][number]): string {
  const [holder] = processes;
  const who = holder === undefined ? '' : `   pid ${holder.pid} ${holder.name}`;
  return `${address}${who}${tool === null ? '' : `   (of ${tool})`}`;
}
