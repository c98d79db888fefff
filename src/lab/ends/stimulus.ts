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

/** A stimulus to leave out: every one of its kind, `linger`, or only the second one in the run, `linger 2`. */
export type Withheld = Stimulus | `${Stimulus} ${number}`;

/** What a check names: also the last one of a kind before it, `last die`. */
export type Named = Withheld | `last ${Stimulus}`;

/** undefined if the text is not a stimulus. */
export function readWithheld(text: string): Withheld | undefined {
  const [, kind, number] = /^(.*?)(?: ([1-9]\d*))?$/.exec(text) ?? [];
  const stimulus = stimuli.find((known) => known === kind);
  if (stimulus === undefined) return undefined;
  return number === undefined ? stimulus : `${stimulus} ${Number(number)}`;
}

/** Leaves out the stimulus that a run withholds. */
export class Withholding {
  readonly #withheld: Withheld | undefined;
  /** The number of stimuli so far, by kind. */
  readonly #made = new Map<Stimulus, number>();

  constructor(withheld: Withheld | undefined) {
    this.#withheld = withheld;
  }

  /** What a check names, in the form in which a run can withhold it. */
  resolve(named: Named): Withheld {
    const stimulus = stimuli.find((known) => named === `last ${known}`);
    return stimulus === undefined ? (named as Withheld) : `${stimulus} ${this.#made.get(stimulus) ?? 0}`;
  }

  /** Why the stimulus was not withheld: the run had no such stimulus; null if it was withheld. */
  get missing(): string | null {
    if (this.#withheld === undefined) return null;
    const [, kind = '', number = '1'] = /^(.*?)(?: (\d+))?$/.exec(this.#withheld) ?? [];
    const made = this.#made.get(kind as Stimulus) ?? 0;
    if (made >= Number(number)) return null;
    return `nothing was left out: the run has ${made === 0 ? 'no' : `only ${made}`} "${kind}"`;
  }

  /** Whether the next one of that kind is left out. */
  isNext(stimulus: Stimulus): boolean {
    const number = (this.#made.get(stimulus) ?? 0) + 1;
    this.#made.set(stimulus, number);
    return this.#withheld === stimulus || this.#withheld === `${stimulus} ${number}`;
  }
}

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
   * Waits until the processes of the run have handled everything that had reached them. `what` is waiting for one of them.
   * @throws TooSlow if one does not answer: it is stopped or delayed
   */
  untilCaughtUp(what: string): Promise<void>;
}
