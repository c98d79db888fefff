import { UsageError } from '../errors.ts';

/** The choice that a text names. @throws UsageError such as `bad-order` if it names none of them */
export function oneOf<Choice extends string>(choices: readonly Choice[], text: string, what: string): Choice {
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  const named = /^[aeiou]/.test(what) ? `an ${what}` : `a ${what}`;
  throw new UsageError(`bad-${what}`, `"${text}" is not ${named}: choose one of ${choices.join(', ')}`);
}
