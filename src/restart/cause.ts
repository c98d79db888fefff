import { describeErrno } from '../native/errno.ts';
import type { Row } from '../observe/row.ts';
import { formatSpan } from '../time.ts';
import type { Cause, Observation, Survivor } from './trial.ts';

/** The words of programs and languages for EADDRINUSE. */
const inUseWords = /EADDRINUSE|address (is )?(already )?in use|\b(errno|os error|error:?) ?98\b|\(98[:)]/i;

/** What programs complain of that is not the port. */
const otherWords =
  /\block(ed|file)?\b|lock file|pid ?file|already running|is running|permission denied|not permitted|EACCES|EPERM|no such file|ENOENT|cannot find|not found|syntax|config/i;

/** Why a restart failed, from what was seen of it. */
export function causeOf(seen: Observation): Cause {
  if (seen.stopped === null) return stillRunning(seen);
  const { second } = seen;
  if (second === null) throw new TypeError('there is no cause without a second start');
  if (second.result === 'listens only') return listensOnly;
  const old = new Set(seen.oldProcesses.map(({ pid }) => pid));
  const rows = 'path' in seen.target ? [] : together(seen.oldSockets, second.sockets);
  const byOld = (row: Row) => row.processes.some(({ pid }) => old.has(pid));
  const listeners = rows.filter(({ state }) => state === 'LISTEN');
  const oldListener = listeners.find(byOld);
  if (oldListener !== undefined) return survivingListener(oldListener, seen.oldProcesses);
  const others = second.sockets.filter((row) => row.processes.length > 0 && !byOld(row));
  const blocked = seen.probe?.withoutReuseAddress === 'EADDRINUSE';
  const otherListener = second.sockets.find(({ state }) => state === 'LISTEN') ?? listeners[0];
  if (!blocked) return exitedOtherwise(seen);
  if (otherListener !== undefined) return takenBy(otherListener, 'a listener');
  const [other] = others;
  if (other !== undefined) return takenBy(other, 'an outgoing connection');
  // A start that says what else went wrong is believed, even where the bind would have failed as well.
  if (saysOtherwise(seen)) return exitedOtherwise(seen);
  const survivingConnection = rows.find(byOld);
  if (survivingConnection !== undefined) return survives(survivingConnection, seen.oldProcesses);
  return noReuseAddress(seen, rows);
}

function saysOtherwise({ second, listenerOptions, probe }: Observation): boolean {
  const output = second?.output ?? '';
  if (inUseWords.test(output)) return false;
  const hadOption = listenerOptions.state === 'read' && listenerOptions.reuseAddress;
  return otherWords.test(output) || (hadOption && probe?.withReuseAddress === 'ok');
}

function together(...tables: readonly (readonly Row[])[]): Row[] {
  const byKey = new Map(
    tables.flat().map((row) => [`${row.state} ${row.remote.address} ${row.remote.port} ${row.inode}`, row]),
  );
  return [...byKey.values()];
}

const listensOnly: Cause = {
  code: null,
  explanation:
    'It listens again, and did not accept the connection that was made to it, or was not ready in time.',
  remedy: 'look at what it does between listen() and accept(); --request sends what it may be waiting for',
};

function stillRunning({ stopTimeoutMs, oldSockets }: Observation): Cause {
  const open = oldSockets.filter(({ state }) => state !== 'LISTEN').length;
  const waits =
    open === 0 ? '' : ` It has ${open} open connection${open === 1 ? '' : 's'}: it may be waiting for them.`;
  return {
    code: 'still-running',
    explanation: `The old process had not exited ${formatSpan(stopTimeoutMs)} after the signal.${waits}`,
    remedy:
      'end idle connections when told to stop (Node: server.closeAllConnections()), give the wait a limit, or allow more with --stop-timeout',
  };
}

function survivingListener(row: Row, survivors: readonly Survivor[]): Cause {
  return {
    code: 'surviving-listener',
    explanation: `${describeHolder(row, survivors)} of the old server still listens.`,
    remedy:
      'have the signal reach it: "exec" in the wrapper script, forward the signal to children, or stop the whole process group',
  };
}

function survives(row: Row, survivors: readonly Survivor[]): Cause {
  return {
    code: 'surviving-connection',
    explanation: `${describeHolder(row, survivors)} of the old server still holds a connection (${row.state}) that blocks the bind.`,
    remedy:
      'end the children with their parent, or open sockets with close-on-exec so that they do not inherit them',
  };
}

function describeHolder({ processes }: Row, survivors: readonly Survivor[]): string {
  const [holder] = processes;
  const survivor = survivors.find(({ pid }) => pid === holder?.pid);
  if (survivor === undefined) return `Process ${holder?.pid} (${holder?.name})`;
  const { pid, command, name, parent } = survivor;
  return `Process ${pid} (${shorten(command || name)}; its parent is now ${parent})`;
}

function takenBy(row: Row, what: string): Cause {
  const [holder] = row.processes;
  const who =
    holder === undefined ? 'a process that is not ours to see' : `process ${holder.pid} (${holder.name})`;
  const isClient = row.state !== 'LISTEN';
  return {
    code: 'port-taken-by-other',
    explanation: isClient
      ? `The port is the local port of ${what} of ${who} (${row.state}).`
      : `The port is taken by ${what} of ${who}.`,
    remedy: isClient
      ? 'choose a port outside of net.ipv4.ip_local_port_range, or put it into net.ipv4.ip_local_reserved_ports'
      : 'stop the other, or give one of them another port',
  };
}

function exitedOtherwise(seen: Observation): Cause {
  const { second, probe, target } = seen;
  if ('path' in target && inUseWords.test(second?.output ?? '')) return staleSocket(target.path);
  const ended = second?.ended ?? null;
  const elsewhere = second?.listensOn.join(', ') ?? '';
  const idle =
    elsewhere === '' ? 'is running and does not listen' : `listens on another port now (${elsewhere})`;
  const how = ended === null ? idle : `ended with ${describeEnding(ended)}`;
  const free = probe === null ? '' : probe.withoutReuseAddress === 'ok' ? ', while the port is free' : '';
  return {
    code: ended === null ? null : 'exited-otherwise',
    explanation: `The second start ${how}${free}.`,
    remedy:
      elsewhere === ''
        ? 'read what it printed: the port is not what it complains of'
        : 'give it the same port in every start: its clients look for it there',
  };
}

function staleSocket(path: string): Cause {
  return {
    code: 'exited-otherwise',
    explanation: `The second start found ${path} in its way: the file of a Unix socket outlives its process.`,
    remedy: 'unlink the path before bind(), or on the way out',
  };
}

function noReuseAddress({ listenerOptions, probe }: Observation, rows: readonly Row[]): Cause {
  const leftMs = Math.max(0, ...rows.map(({ timer }) => timer?.leftMs ?? 0));
  const free = leftMs === 0 ? '' : ` The port frees itself in ${formatSpan(leftMs)}.`;
  const { state } = listenerOptions;
  const hadIt = listenerOptions.state === 'read' && listenerOptions.reuseAddress;
  if (hadIt && probe?.withReuseAddress === 'ok') {
    return {
      code: 'no-reuse-address',
      explanation:
        'Connections of the old server remain. It had set SO_REUSEADDR (read from its listener), and a bind with the option passes now: ' +
        `the second start did not set it.${free}`,
      remedy: 'set SO_REUSEADDR before bind() in every start',
    };
  }
  const why =
    state === 'read'
      ? 'it was opened without SO_REUSEADDR (read from its listener)'
      : 'whether it had set SO_REUSEADDR could not be read';
  const withIt =
    probe === null
      ? ''
      : `, and with it ${probe.withReuseAddress === 'ok' ? 'passes' : 'too, since the connections that remain lack it'}`;
  return {
    code: 'no-reuse-address',
    explanation: `Connections of the old server block the port: ${why}. A bind without the option fails now${withIt}.${free}`,
    remedy: 'set SO_REUSEADDR before bind() in every start',
  };
}

/** `exit status 1`, `SIGKILL`. */
export function describeEnding({ status, signal }: { status: number | null; signal: string | null }): string {
  return signal ?? `exit status ${status}`;
}

/** `ok` or the words of an errno. */
export function describeResult(result: string): string {
  return result === 'ok' ? 'passes' : describeErrno(result);
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
