import fc from 'fast-check';
import { expect } from 'vitest';

interface Parsed {
  readonly rows: readonly unknown[];
  readonly unread: readonly unknown[];
}

/** Each line of any text, also of one that is made of the words of a real one, is read or reported. */
export function expectNoLineDropped(
  parse: (text: string) => Parsed,
  words: readonly string[],
  isData: (line: string) => boolean = () => true,
): void {
  const line = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words)).map((chosen) => chosen.join(' ')),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join('\n');
      const { rows, unread } = parse(text);
      const wanted = text.split('\n').filter((one) => one.trim() !== '' && isData(one));
      expect(rows.length + unread.length).toBe(wanted.length);
    }),
    { numRuns: 2000 },
  );
}
