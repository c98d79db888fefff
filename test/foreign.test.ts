import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { harmless, harmlessLines, pasteable, pasteableCommand, shownCommand } from '../src/foreign.ts';

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));

/** By the names of the standards, and not by the pattern that is tested. */
const hostile = {
  C0: range(0x00, 0x1f),
  DEL: ['\x7f'],
  C1: range(0x80, 0x9f),
  'separators of lines': ['\u2028', '\u2029', '\u0085'],
  'bidirectional marks': ['\u061c', '\u200e', '\u200f', ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)],
  'zero width': ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u3164', '\ufe0f'],
  tags: range(0xe0000, 0xe007f),
  'lone surrogates': ['\ud800', '\udbff', '\udc00', '\udfff'],
  noncharacters: ['\ufffe', '\uffff', '\u{1ffff}'],
} as const;
const all = new Set<string>(Object.values(hostile).flat());

const sequences = [
  '\x1b[2J\x1b[H',
  '\x1b]52;c;AAAA\x07',
  '\x9b8m',
  '\x1bPq\x1b\\',
  '\r\n',
  '::error::',
  ']]>',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...all), fc.constantFrom(...sequences), fc.string({ unit: 'binary' })))
  .map((parts) => parts.join(''));
const runs = { numRuns: 2000 };

describe.each(Object.entries(hostile))('%s', (_, characters) => {
  test('come out of no function as they are', () => {
    for (const character of characters) {
      expect(harmless(`a${character}b`)).toMatch(/^a\\(?:[nrt]|x[0-9a-f]{2}|u\{[0-9a-f]+\})b$/);
      expect(pasteable(`a${character}b`)).not.toContain(character);
      if (character !== '\n') expect(harmlessLines(`a${character}b`)).not.toContain(character);
    }
  });
});

test('no text gets a character through that acts on a terminal, a line or the direction', () => {
  fc.assert(
    fc.property(text, (text) => {
      for (const safe of [harmless(text), pasteable(text), harmlessLines(text).replaceAll('\n', '')]) {
        expect([...safe].filter((character) => all.has(character))).toEqual([]);
        expect(safe).not.toMatch(/\p{Cs}/u);
      }
    }),
    runs,
  );
});

test('harmless text stays unchanged, even when it is made harmless twice', () => {
  fc.assert(
    fc.property(text, (text) => {
      expect(harmless(harmless(text))).toBe(harmless(text));
      expect(harmlessLines(harmlessLines(text))).toBe(harmlessLines(text));
    }),
    runs,
  );
  for (const plain of ['node server.js --port 80', 'Grüße, 東京', "it's \\x1b", '', '\u{1f600}', 'é', '%7B'])
    expect([harmless(plain), harmlessLines(plain)]).toEqual([plain, plain]);
});

test('lines stay lines, colours go, and a tab becomes blanks', () => {
  expect(harmlessLines('\x1b[31mError\x1b[0m: in use\r\n\tat\x1b[2K x\n')).toBe(
    'Error: in use\n    at\\x1b[2K x\n',
  );
  expect(harmlessLines('\x1b[3\x1b[0m1m')).toBe('\\x1b[31m');
});

test('a shell reads each pasted word back as it was', () => {
  // No process can have a NUL in an argument; $(...) takes away the newlines at the end, which is documented.
  const words = fc
    .array(
      text.map((word) => word.replaceAll('\0', '').replace(/\n+$/, '')),
      { maxLength: 8 },
    )
    .map((words) => [...words, '$(id)', '`id`', "a'b", 'a;b', '-n', '*', '~', '', '!!', 'x y']);
  // Ten commands in each script: to start a shell takes longer than to read one.
  const commands = fc.array(words, { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(commands, fc.constantFrom('sh', 'bash'), (commands, shell) => {
      const script = commands.map((words) => `printf '%s\\0' ${pasteableCommand(words)}`).join('\n');
      const read = execFileSync(shell, ['-c', script], { encoding: 'buffer' });
      expect(read.toString('latin1')).toBe(
        Buffer.from(
          commands
            .flat()
            .map((word) => `${word}\0`)
            .join(''),
        ).toString('latin1'),
      );
    }),
    { numRuns: 8 },
  );
});

test('a command is shown on one line, as bash reads it back', () => {
  expect(shownCommand(['sh', '-c', "echo 'a b'\nexec node x.js"])).toBe(
    "sh -c $'echo \\'a b\\'\\nexec node x.js'",
  );
  expect(shownCommand(['node', 'my server.js', ''])).toBe("node 'my server.js' ''");
  for (const word of ['a\nb', "it's\n\\n", '\x1b[31m', 'a\tb\r\n'])
    expect(execFileSync('bash', ['-c', `printf %s ${shownCommand([word])}`], { encoding: 'utf8' })).toBe(
      word,
    );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), (words) => {
      expect(harmless(shownCommand(words))).toBe(shownCommand(words));
    }),
    runs,
  );
});

test('a long text takes no more than its share of time', () => {
  const long = '\x1b\n\u202e'.repeat(1_000_000);
  expect(harmless(long).length).toBeGreaterThan(long.length);
  expect(harmlessLines('\x1b['.repeat(1_000_000)).length).toBeGreaterThan(0);
  expect(harmlessLines(`\x1b[${'1;'.repeat(1_000_000)}`).length).toBeGreaterThan(0);
});
