/** A claim as articles and books state it. */
export interface Claim {
  readonly claim: string;
  /** The parts of a claim that makes several statements: its finding is computed from theirs. */
  readonly parts?: Readonly<Record<string, string | Unmeasured>>;
  /** What is shown beside the claim: cases to distinguish that are not part of it. */
  readonly cases?: Readonly<Record<string, string>>;
}

/** A statement about something that cannot be measured because it does not exist. */
interface Unmeasured {
  readonly text: string;
  readonly unmeasured: string;
}

/** By number. */
export type Claims = Readonly<Record<string, Claim>>;
