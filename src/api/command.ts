import { UsageError } from '../errors.ts';
import { areTexts } from './option-kinds.ts';

/**
 * For empty variables of a shell, too: `tcpclose run -- "$COMMAND"`.
 * @param give what to give, such as "give one, such as npm test"
 * @throws UsageError `no-command`
 */
export function requireCommand(words: readonly string[], give: string): void {
  requireWords(words);
  if (words.length === 0 || words[0] === '')
    throw new UsageError('no-command', `the command is missing: ${give}`);
}

/**
 * For callers without types, who give a text or nothing.
 * @param what what the list is of, such as "the claims"
 * @throws UsageError `bad-argument`
 */
export function requireTexts(texts: unknown, what: string, example: string): void {
  if (areTexts(texts)) return;
  throw new UsageError('bad-argument', `${what} are not an array of texts: give one such as ['${example}']`);
}

/**
 * For callers without types.
 * @throws UsageError `no-command`
 */
export function requireWords(words: unknown): void {
  if (areTexts(words)) return;
  throw new UsageError(
    'no-command',
    "the command is not an array of words: write each word separately, such as ['node', 'server.js']",
  );
}

/** The environment of this process, which the user's server inherits. */
export function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
