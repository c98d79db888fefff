/** What can be done to a connection or its process. A control experiment leaves one of them out. */
export const stimuli = [
  'kill',
  'die',
  'end',
  'destroy',
  'reset',
  'shutdown',
  'linger',
  'write',
  'read',
  'send',
  'receive',
  'block in',
  'fill',
  'deafen',
  'hear',
  'share',
  'unshare',
  'unplug',
  'destroy in kernel',
  'sysctl',
  'set option',
  'accept',
  'stop listening',
  'replay',
  'churn',
] as const;
export type Stimulus = (typeof stimuli)[number];

/** Carries out the stimuli of a run. */
export interface Performer {
  /** Carries out a stimulus and reports it. A withheld one is only reported, and the result is `instead`. */
  perform<Result>(
    who: string,
    stimulus: Stimulus,
    detail: string,
    act: () => Promise<Result>,
    instead: Result,
  ): Promise<Result>;
  /**
   * Waits until the processes of the run have handled everything that had reached them. `what` waits for one of them.
   * @throws TooSlow if one does not answer: it is stopped, or delayed
   */
  untilCaughtUp(what: string): Promise<void>;
}
