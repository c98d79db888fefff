/** What this machine allows tcpclose to do, and what you lose with each thing that is missing. */
import { messageOf } from '../errors.ts';
import { describeSystemError } from '../system-error.ts';
import { unlessAborted, within } from '../time.ts';
import { type Check, type Found, missing } from './check.ts';
import { descriptors, kernel, node, processes, settings } from './machine.ts';
import { needs, observers, systemCalls, transitions, watchedCalls } from './programs.ts';

export interface Examined extends Found, Pick<Check, 'name' | 'costs'> {}

export interface Group {
  readonly title: string;
  readonly checks: readonly Examined[];
}

const groups: readonly { readonly title: string; readonly checks: readonly Check[] }[] = [
  { title: 'program', checks: [node, kernel, systemCalls, descriptors] },
  { title: 'reading the table of sockets', checks: [...observers, processes] },
  { title: 'experiments', checks: [...needs, transitions] },
  { title: 'servers of your own', checks: [watchedCalls] },
  { title: 'settings of this network', checks: settings },
];

/** The check that begins. */
export interface Begun extends Pick<Check, 'name'> {
  /** The number of checks done. */
  readonly done: number;
  readonly of: number;
}

/** No trial takes longer to end. */
const endingMs = 5000;

/** Checks everything, one after the other within a group: trials would disturb each other. */
export async function examine(signal: AbortSignal, tell: (begun: Begun) => void): Promise<readonly Group[]> {
  const examined: Group[] = [];
  const of = groups.reduce((sum, { checks }) => sum + checks.length, 0);
  let done = 0;
  for (const { title, checks } of groups) {
    const results: Examined[] = [];
    for (const { name, costs, look } of checks) {
      signal.throwIfAborted();
      tell({ name, done, of });
      done += 1;
      const looked = found(look, signal);
      try {
        results.push({ name, costs, ...(await unlessAborted(signal, looked)) });
      } catch (error) {
        // Its programs end with the signal; then none of them is left.
        await within(endingMs, looked, () => new Error('still ending')).catch(() => {});
        throw error;
      }
    }
    examined.push({ title, checks: results });
  }
  return examined;
}

/** What cannot even be tried is missing, too: the other checks go on. */
async function found(look: Check['look'], signal: AbortSignal): Promise<Found> {
  try {
    return await look(signal);
  } catch (error) {
    return missing(describeSystemError(error) ?? messageOf(error));
  }
}
