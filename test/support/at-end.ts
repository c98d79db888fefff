import { afterAll } from 'vitest';

/** What is called when the tests of the file are over. */
export function atEnd(): (() => void)[] {
  const ends: (() => void)[] = [];
  afterAll(() => {
    for (const end of ends) end();
  });
  return ends;
}
