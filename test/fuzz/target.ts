/** One reader of what others have written. */
export interface Target {
  readonly name: string;
  /** Inputs as they are; the others are made from these. */
  readonly samples: readonly Buffer[];
  /** Reads an input, and gives all that came of it. */
  read(input: Buffer): unknown;
  /** How many rows of the input are lost: neither read nor reported. */
  lost?(input: Buffer): number;
}

export const text = (input: Buffer): string => input.toString('utf8');
