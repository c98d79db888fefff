import type { LaunchPatience } from '../lab/hosts/launcher.ts';
import { type Duration, limitOf } from './duration.ts';

/** How long a launcher such as `ssh box` may take. */
export interface Launching {
  /** Time limit for a launcher to start a command (default: 30 s). */
  readonly launchTimeout?: Duration | undefined;
  /** Called when it takes longer than 2 s, with what is awaited. */
  readonly onSlowLaunch?: ((text: string) => void) | undefined;
}

/** @internal */
export function launchPatience({ launchTimeout = '30s', onSlowLaunch }: Launching): LaunchPatience {
  return { withinMs: limitOf(launchTimeout), slow: onSlowLaunch ?? (() => {}) };
}
