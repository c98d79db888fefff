import { UsageError } from '../../errors.ts';
import { readLimited } from '../../read-limited.ts';
import { reasonOf } from '../../system-error.ts';

/** A text with \r, \n, \t, \0, \xNN and \\ escaped, or the contents of a file, byte by byte. */
export function parseRequest(text: string): Buffer {
  if (!text.startsWith('@')) return unescaped(text);
  let bytes: Buffer | 'too long';
  try {
    bytes = readLimited(text.slice(1), mostBytes);
  } catch (error) {
    throw new UsageError(
      'bad-request',
      `"${text}" cannot be read (${reasonOf(error)}): name another file`,
      error,
    );
  }
  if (bytes !== 'too long') return bytes;
  throw new UsageError('bad-request', `"${text}" has more than 16 MiB: name a smaller file`);
}

const mostBytes = 16 * 1024 * 1024;

function unescaped(text: string): Buffer {
  const parts = text.split(/(\\x[0-9a-fA-F]{2}|\\[rnt0\\])/);
  const [bad] = parts.flatMap((part, i) => (i % 2 === 0 ? (/\\x?.?/.exec(part)?.[0] ?? []) : []));
  if (bad !== undefined)
    throw new UsageError(
      'bad-request',
      `"${bad}" is not an escape: write \\r, \\n, \\t, \\0 or \\xNN with two digits, or \\\\ for a backslash`,
    );
  return Buffer.concat(parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : byteOf(part.slice(1)))));
}

function byteOf(code: string): Buffer {
  return code.startsWith('x') ? Buffer.from(code.slice(1), 'hex') : Buffer.from(escapes[code] ?? '');
}

const escapes: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' };

export function addVariable(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new UsageError('bad-variable', `"${text}" does not set a variable: write NAME=value`);
}
