import type { Row } from '../../observe/row.ts';
import { shortCommand } from '../naming.ts';
import type { Observation, SecondStart, Survivor } from '../trial.ts';

/** `Process 12 (node server.js)`. */
export function describeProcess({ pid, command, name }: Pick<Survivor, 'pid' | 'command' | 'name'>): string {
  return `Process ${pid} (${shortCommand(command, name)})`;
}

/** All sockets that were seen on the port, once each: those at the beginning, and those at the end. */
export function socketsSeen({ oldSockets }: Observation, second: SecondStart | null): Row[] {
  const byKey = new Map(
    [...oldSockets, ...(second?.sockets ?? [])].map((row) => [
      `${row.state} ${row.remote.address} ${row.remote.port} ${row.inode}`,
      row,
    ]),
  );
  return [...byKey.values()];
}

/** A sentence about where the second start went, or nothing. */
export function wentElsewhere(second: SecondStart | null): string {
  const places = second?.listensOn.join(', ') ?? '';
  return places === '' ? '' : ` The second start listens on ${places} instead.`;
}
