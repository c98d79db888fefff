import type { LaunchPatience } from '../lab/hosts/launcher.ts';
import type { Launchers as Hosts } from '../lab/hosts/topology.ts';
import { type Duration, limitOf } from './duration.ts';

/** How long a launcher such as `ssh box` may take. */
export interface Launching {
  /** Time limit for a launcher to start a command (default: 30 s). */
  readonly launchTimeout?: Duration | undefined;
  /** Called if it takes longer than 2 s, with what it is waiting for. */
  readonly onSlowLaunch?: ((text: string) => void) | undefined;
}

/** The hosts of a run. */
export interface Launchers {
  /** Run the server behind a prefix command, such as `ssh box`. */
  readonly serverOn?: string | undefined;
  /** Run the client behind a prefix command. */
  readonly clientOn?: string | undefined;
}

/**
 * The hosts behind launchers; undefined if there are none.
 * @internal
 */
export function launchersOf({ serverOn, clientOn }: Launchers): Hosts | undefined {
  if (serverOn === undefined && clientOn === undefined) return undefined;
  return { server: serverOn, client: clientOn };
}

/** @internal */
export function launchPatience({ launchTimeout = '30s', onSlowLaunch }: Launching): LaunchPatience {
  return { withinMs: limitOf(launchTimeout), slow: onSlowLaunch ?? (() => {}) };
}
