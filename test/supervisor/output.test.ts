import { expect, test } from 'vitest';
import { Output } from '../../src/supervisor/output.ts';

function awaiting(regex: RegExp): { output: Output; matches: () => number; givenUp: () => number } {
  let matches = 0;
  let givenUp = 0;
  const output = new Output(
    regex,
    () => {
      matches++;
    },
    () => {
      givenUp++;
    },
  );
  return { output, matches: () => matches, givenUp: () => givenUp };
}

test('a line matches once, even if it comes in pieces', () => {
  const { output, matches } = awaiting(/^ready on \d+$/);
  output.add('starting\nready ');
  expect(matches()).toBe(0);
  output.add('on 80');
  expect(matches()).toBe(1);
  output.add('80\nready on 1\n');
  expect(matches()).toBe(1);
});

test('a regular expression that backtracks without end is abandoned, and the output is still read', () => {
  const { output, matches, givenUp } = awaiting(/(a+)+$/);
  for (let i = 0; i < 5; i++) output.add(`${'a'.repeat(50)}!\n`);
  output.add('the end\n');
  expect(matches()).toBe(0);
  expect(givenUp()).toBe(3);
  expect(output.end).toMatch(/the end\n$/);
});

test('a slow line does not keep a later one from matching', () => {
  const { output, matches } = awaiting(/(a+)+$/);
  output.add(`${'a'.repeat(50)}!\n`);
  output.add('aaa\n');
  expect(matches()).toBe(1);
});
