/** Which .socket unit of systemd opened a port: systemd then holds the listener, and the service inherits it. */
import { harmless } from '../foreign.ts';
import type { Place } from '../observe/place.ts';
import type { Holder } from '../observe/row.ts';
import type { Origin } from './origin.ts';

const patienceMs = 10_000;

/** The names of units, by the pid of the systemd that holds the listener; empty if systemd does not hold it, or does not report that. */
export async function socketUnitsOf(
  place: Place,
  port: number,
  holders: readonly Pick<Holder, 'pid' | 'name'>[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly Origin[]>> {
  const managers = new Set(holders.flatMap(({ pid, name }) => (name === 'systemd' ? [pid] : [])));
  const found = await Promise.all(
    [...managers].map(async (pid) => {
      const words = pid === 1 ? ['systemctl'] : ['systemctl', '--user'];
      return [pid, await unitsOf(place, words, port, signal)] as const;
    }),
  );
  return new Map(found);
}

async function unitsOf(
  place: Place,
  words: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Origin[]> {
  const question = [...words, 'show', '--no-pager', '--property=Id,Listen', '--', '*.socket'];
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const answer = await place.run(question, limited).catch(() => undefined);
  signal.throwIfAborted();
  if (answer?.exitCode !== 0) return [];
  return unitsListeningOn(answer.stdout, port).map((unit) => ({
    kind: 'systemd unit',
    name: harmless(unit),
    stop: [...words, 'stop', unit],
  }));
}

/** The output of "systemctl show" for socket units: a paragraph for each unit, with a line for each address. */
export function unitsListeningOn(text: string, port: number): string[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const unit = /^Id=([\w:.\\@][\w:.\\@-]*\.socket)$/m.exec(paragraph)?.[1];
    const listens = new RegExp(`^Listen=(?:.*:)?${port} \\(Stream\\)$`, 'm').test(paragraph);
    return unit !== undefined && listens ? [unit] : [];
  });
}
