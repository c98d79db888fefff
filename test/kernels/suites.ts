/** The kernels that are tried: user-mode Linux as Debian's suites carry it. */
export interface Suite {
  /** As it is asked for: `npm run kernels 5.10`. */
  readonly version: string;
  readonly suite: string;
}

export const suites: readonly Suite[] = [
  { version: '5.10', suite: 'bullseye' },
  { version: '6.1', suite: 'bookworm' },
  { version: '6.12', suite: 'trixie' },
  { version: '7.2', suite: 'sid' },
];

/** Two that differ most from each other, for a run that is to be short. */
export const quickVersions = ['5.10', '7.2'];
