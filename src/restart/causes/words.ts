import type { Row } from '../../observe/row.ts';
import { shortCommand } from '../naming.ts';
import type { Observation, SecondStart, Survivor } from '../trial.ts';

type Named = Pick<Survivor, 'pid' | 'command' | 'name'>;

/** `process 12 (node server.js)`. */
export function nameProcess({ pid, command, name }: Named): string {
  return `process ${pid} (${shortCommand(command, name)})`;
}

/** The same at the beginning of a sentence. */
export function describeProcess(process: Named): string {
  return nameProcess(process).replace('process', 'Process');
}

/** SO_REUSEADDR of the old listener. */
export function optionOf({ listenerOptions }: Observation): 'on' | 'off' | 'not read' {
  if (listenerOptions.state !== 'read') return 'not read';
  return listenerOptions.reuseAddress ? 'on' : 'off';
}

/** All sockets that were seen on the port at the beginning and at the end, without repetition. */
export function socketsSeen({ oldSockets }: Observation, { sockets }: SecondStart): Row[] {
  const byKey = new Map(
    [...oldSockets, ...sockets].map((row) => [
      `${row.state} ${row.remote.address} ${row.remote.port} ${row.inode}`,
      row,
    ]),
  );
  return [...byKey.values()];
}

/** A sentence about where the second start listens instead; empty if it listens nowhere else. */
export function wentElsewhere({ listensOn }: SecondStart): string {
  return listensOn.length === 0 ? '' : ` The second start listens on ${listensOn.join(', ')} instead.`;
}
