import type { Random } from './random.ts';

/** What parsers stumble over: limits of numbers, ends of words and lines, marks that no terminal should see, nothing at all. */
const awkward = [
  ...[
    '',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\0',
    ':',
    ',',
    '(',
    ')',
    '"',
    "'",
    '\\',
    '[',
    ']',
    '{',
    '}',
    '*',
    '%',
    '/',
    '=',
    '-',
  ],
  ...[
    '0',
    '-1',
    '1',
    '65535',
    '65536',
    '4294967295',
    '4294967296',
    '9007199254740993',
    '1e999',
    '-1e999',
    '0x10',
    '007',
  ],
  ...[
    '9'.repeat(400),
    'NaN',
    'Infinity',
    'null',
    'true',
    '[]',
    '{}',
    '""',
    '1.5',
    '.',
    '1.2.3.4',
    '::',
    'fe80::1%lo',
    '::ffff:1.2.3.4',
  ],
  ...[
    '\u001b[2J',
    '\u009b',
    '\u202e',
    '\u2028',
    '\ufeff',
    '\ud800',
    '\u{10ffff}',
    '__proto__',
    'constructor',
    'users:(("',
  ],
].map((text) => Buffer.from(text));

/** Lengths and numbers as they stand in a message of the kernel. */
const awkwardBytes = [
  ...[
    [0, 0, 0, 0],
    [1, 0, 0, 0],
    [15, 0, 0, 0],
    [0xff, 0xff, 0xff, 0x7f],
    [0xff, 0xff, 0xff, 0xff],
    [0, 0],
    [0xff, 0xff],
  ],
].map((bytes) => Buffer.from(bytes));

type Mutation = (input: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const mutations: readonly Mutation[] = [
  // A bit is another one.
  (input, random) => {
    const copy = Buffer.from(input);
    if (copy.length > 0)
      copy.writeUInt8(
        (copy[random.below(copy.length)] ?? 0) ^ (1 << random.below(8)),
        random.below(copy.length),
      );
    return copy;
  },
  (input, random) => spliced(input, random, Buffer.from([random.below(256)])),
  (input, random) => spliced(input, random, random.pick(awkward)),
  (input, random) => spliced(input, random, random.pick(awkwardBytes)),
  // A number is another one.
  (input, random) => replaceNumber(input, random),
  // Cut off.
  (input, random) => input.subarray(0, random.below(input.length + 1)),
  (input, random) => input.subarray(random.below(input.length + 1)),
  // A part stands twice, many times, somewhere else, or belongs to another.
  (input, random) => spliced(input, random, partOf(input, random)),
  (input, random) =>
    spliced(input, random, repeated(partOf(input, random).subarray(0, 40), 1 + random.below(50))),
  (input, random, others) => spliced(input, random, partOf(random.pick(others), random)),
];

/** An input like the sample and yet another, by one to eight changes. */
export function mutate(sample: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let input = sample;
  for (let changes = 1 + random.below(8); changes > 0; changes--) {
    input = random.pick(mutations)(input, random, others);
  }
  return input.subarray(0, 20_000);
}

/** A part of it, at most 200 bytes long. */
export function partOf(input: Buffer, random: Random): Buffer {
  const from = random.below(input.length + 1);
  return input.subarray(from, from + random.below(200));
}

export function repeated(part: Buffer, times: number): Buffer {
  return Buffer.concat(Array<Buffer>(times).fill(part));
}

/** With that put in place of what is there, or between. */
function spliced(input: Buffer, random: Random, part: Buffer): Buffer {
  const from = random.below(input.length + 1);
  const to = random.below(2) === 0 ? from : from + random.below(12);
  return Buffer.concat([input.subarray(0, from), part, input.subarray(to)]);
}

function replaceNumber(input: Buffer, random: Random): Buffer {
  const numbers = [...input.toString('latin1').matchAll(/\d+/g)];
  if (numbers.length === 0) return input;
  const { index, 0: number } = random.pick(numbers);
  return Buffer.concat([
    input.subarray(0, index),
    random.pick(awkward),
    input.subarray(index + number.length),
  ]);
}
