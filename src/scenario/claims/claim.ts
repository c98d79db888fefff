/** A claim as articles and books state it. */
export interface Claim {
  readonly claim: string;
  /** What a claim of several statements consists of: its finding is computed from theirs. */
  readonly parts?: Readonly<Record<string, string | Unmeasured>>;
  /** What is shown beside the claim: cases to distinguish, that are not a part of it. */
  readonly cases?: Readonly<Record<string, string>>;
}

/** A statement about something that is not there to be measured. */
interface Unmeasured {
  readonly text: string;
  readonly unmeasured: string;
}

/** By number. */
export type Claims = Readonly<Record<string, Claim>>;
