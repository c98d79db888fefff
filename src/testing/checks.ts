import { leftSockets, restart } from '../api/api.ts';
import { inOptionsOf } from '../api/known-options.ts';
import type { LeftOptions, LeftSocket } from '../api/left-sockets.ts';
import type { RestartOptions } from '../api/restart.ts';
import { TcpcloseError } from '../errors.ts';
import { shownCommand } from '../foreign.ts';
import { many } from '../many.ts';
import type { RestartDocument } from '../report/documents/restart.ts';
import { restartCases } from '../report/restart/cases.ts';

/** The result of a check. `undecided` counts neither as passed nor as failed. */
export interface Found {
  readonly state: 'passed' | 'failed' | 'undecided';
  /** The finding, its evidence and its remedy, in lines. */
  readonly text: string;
}

export async function checkRestart(
  command: readonly string[],
  options: RestartOptions | undefined,
): Promise<Found> {
  try {
    return describeRestart(await restart(command, options));
  } catch (error) {
    if (!(error instanceof TcpcloseError)) throw error;
    const output = 'output' in error ? String(error.output).trimEnd() : '';
    return { state: 'undecided', text: lines(inOptionsOf('restart', error.message), quoted(output)) };
  }
}

function describeRestart(document: RestartDocument): Found {
  const { command, verdict, runs } = document;
  const name = shownCommand(command);
  if (verdict === 'survives') return { state: 'passed', text: `${name} survives a restart` };
  const at = runs.findIndex((run) => run.verdict === verdict);
  const { cause = null } = runs[at] ?? {};
  const { title, result } = restartCases(document)[at] ?? {};
  const problems = result !== undefined && 'problems' in result ? result.problems : [];
  const what = {
    fails: 'does not survive a restart',
    loses: 'loses requests in a restart',
    'not decided': 'may or may not survive a restart',
  }[verdict];
  return {
    state: verdict === 'not decided' ? 'undecided' : 'failed',
    text: lines(
      `${name} ${what}${cause === null ? '' : `: ${cause}`} (${title})`,
      ...problems.map(({ message, text }) => withOptions(text) || inOptionsOf('restart', message)),
    ),
  };
}

// Only in the line with the remedy: other lines quote the user's commands.
function withOptions(text: string): string {
  return text.replace(/^Remedy: .*$/gm, (remedy) => inOptionsOf('restart', remedy));
}

const keptLines = 12;

// Each line begins with a bar, because runners take a line that looks like one of a stack for a part of the test's own stack.
function quoted(output: string): string {
  const text = output.trimEnd();
  if (text === '') return '';
  const last = text.split('\n').slice(-keptLines);
  return ['Its last output:', ...last.map((line) => `  | ${line}`)].join('\n');
}

function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

export async function checkSockets(options: LeftOptions): Promise<Found> {
  const left = await leftSockets(options);
  if (left.length === 0) return { state: 'passed', text: 'no TCP socket is left' };
  const remedies = new Set(left.map(({ state }) => remedyFor(state)));
  return {
    state: 'failed',
    text: lines(
      `${many(left.length, 'TCP socket is', 'TCP sockets are')} left:`,
      ...left.slice(0, keptLines).map((socket) => `  ${describeSocket(socket)}`),
      left.length > keptLines ? `  and ${left.length - keptLines} more` : '',
      ...[...remedies].map((remedy) => `Remedy: ${remedy}`),
    ),
  };
}

function describeSocket({ state, local, remote, pid, command }: LeftSocket): string {
  const end = ({ address, port }: LeftSocket['local']) =>
    `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const towards = state === 'LISTEN' ? '' : ` > ${end(remote)}`;
  const who = pid === process.pid ? 'this process' : `pid ${pid} ${command}`;
  return `${state} ${end(local)}${towards}   ${who}`;
}

function remedyFor(state: LeftSocket['state']): string {
  if (state === 'LISTEN') return 'close the server, and wait for it: server.close(callback)';
  if (state === 'CLOSE_WAIT')
    return 'the other end has closed: end() or destroy() the socket when "end" comes';
  return 'end the connection: socket.destroy(), agent.destroy(), or server.closeAllConnections()';
}
