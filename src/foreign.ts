/**
 * Text from outside: names and command lines of processes, environments, cgroups, user names, and the output of servers, launchers, ss and
 * netstat. Any of it may contain escape sequences, newlines, or marks that reverse the reading direction.
 *
 * The principle: it is made harmless where it enters. Fields that carry it have the type `Harmless`, which only the functions of this file
 * return, so the compiler finds a reader that forgets it. Code that prints such a field need not think of it.
 */

declare const harmlessBrand: unique symbol;

/** Text that moves no cursor, ends no line, rings no bell, and reads in the order in which it is written. */
export type Harmless = string & { readonly [harmlessBrand]: 'harmless' };

/** Several such lines, separated by `\n`. */
export type HarmlessLines = string & { readonly [harmlessBrand]: 'harmless' | 'harmless lines' };

// A workflow command, which the GitHub Actions runner looks for in every line of a log; `::ffff:1.2.3.4` is an address.
const workflowCommand = /(?<!\S)::(?=[A-Za-z][\w-]*[ :])(?![0-9a-f]{1,4}:)|##(?=\[)/g;

// Control characters (C0, DEL, C1), marks that have no width or change the direction (Cf, default ignorable), lone surrogates, line and
// paragraph separators, and what no document may contain.
const harmful =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;

/**
 * One line in which everything that acts on a terminal or a CI log, or is invisible, becomes an escape such as `\x1b`, `\n` or `\u{202e}`.
 */
export function harmless(text: string): Harmless {
  return text.replace(workflowCommand, escapedFirst).replace(harmful, escaped) as Harmless;
}

/** The same for several lines, which stay lines. Colours are removed, and a tab becomes spaces. */
export function harmlessLines(text: string): HarmlessLines {
  return text
    .replace(colour, '')
    .split(/\r?\n/)
    .map((line) => harmless(line.replaceAll('\t', '    ')))
    .join('\n') as HarmlessLines;
}

/**
 * JSON from an unknown author: every text in it becomes harmless, and its lines stay lines.
 * @throws SyntaxError
 */
export function harmlessJson(text: string): unknown {
  return JSON.parse(withoutByteOrderMark(text), (_key, value: unknown) => {
    if (typeof value === 'string') return harmlessLines(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [harmless(key), part]));
  });
}

/** A text saved on Windows may begin with this mark, which JSON.parse() refuses. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one.
const colour = /\u001b\[[0-9;:]*m/g;

function escapedFirst(command: string): string {
  return escaped(command) + command.slice(1);
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return shortEscapes[character] ?? (code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`);
}

/**
 * A word of a command to copy, quoted for every POSIX shell. Characters that would harm a terminal are written as octal bytes for
 * printf(1); newlines at the end of such a word are lost.
 */
export function pasteable(word: string): Harmless {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word as Harmless;
  if (harmless(word) === word) return `'${word.replaceAll("'", "'\\''")}'` as Harmless;
  const bytes = [...Buffer.from(word)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`);
  return `"$(printf '${bytes.join('')}')"` as Harmless;
}

/** A command to read, on one line: a word with newlines is written in the form of bash, `$'one\ntwo'`. */
export function shownCommand(words: readonly string[]): Harmless {
  return words.map(shown).join(' ') as Harmless;
}

function shown(word: string): string {
  return harmless(word) === word ? pasteable(word) : `$'${harmless(word.replace(/['\\]/g, '\\$&'))}'`;
}

/** A whole command to copy. */
export function pasteableCommand(words: readonly string[]): Harmless {
  return words.map(pasteable).join(' ') as Harmless;
}
