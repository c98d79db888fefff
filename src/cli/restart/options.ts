import { readFileSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { messageOf, UsageError } from '../../errors.ts';
import type { Trial } from '../../restart/trial.ts';

const orders = {
  'server-first': ['server-first'],
  'client-first': ['client-first'],
  both: ['server-first', 'client-first'],
} as const satisfies Record<string, readonly Trial['order'][]>;

export function parseOrder(text: string): readonly Trial['order'][] {
  const found = Object.entries(orders).find(([name]) => name === text);
  if (found !== undefined) return found[1];
  throw new UsageError(
    'bad-order',
    `"${text}" is not an order: choose one of ${Object.keys(orders).join(', ')}`,
  );
}

/** Any signal: servers choose their own for a graceful stop, such as QUIT or WINCH. */
export function parseAnySignal(text: string): NodeJS.Signals {
  const name = `SIG${text.toUpperCase().replace(/^SIG/, '')}`;
  const found = Object.entries(constants.signals).find(
    ([known, number]) => known === name || String(number) === text,
  );
  if (found !== undefined) return found[0] as NodeJS.Signals;
  throw new UsageError('bad-signal', `"${text}" is not a signal: give one such as TERM, INT, QUIT or KILL`);
}

/** A text with \r, \n, \t, \0, \xNN and \\ escaped, or the contents of a file, byte by byte. */
export function parseRequest(text: string): Buffer {
  if (!text.startsWith('@')) return unescaped(text);
  try {
    return readFileSync(text.slice(1));
  } catch (error) {
    throw new UsageError(
      'bad-request',
      `"${text}" cannot be read (${messageOf(error)}): name another file`,
      error,
    );
  }
}

function unescaped(text: string): Buffer {
  const parts = text.split(/(\\x[0-9a-fA-F]{2}|\\[rnt0\\])/);
  return Buffer.concat(parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : byteOf(part.slice(1)))));
}

function byteOf(code: string): Buffer {
  return code.startsWith('x') ? Buffer.from(code.slice(1), 'hex') : Buffer.from(escapes[code] ?? '');
}

const escapes: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' };

export function parseReady(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UsageError(
      'bad-regex',
      `"${text}" is not a regular expression (${messageOf(error)}): correct it`,
      error,
    );
  }
}

export function parseFolder(text: string): string {
  const folder = resolve(text);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new UsageError('bad-folder', `"${text}" is not a folder: name one that exists`);
}

export function addVariable(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new UsageError('bad-variable', `"${text}" does not set a variable: write NAME=value`);
}

/** The chosen ways to restart. */
export function trialsOf({
  signal,
  all,
  clientsClose,
  order,
  load,
}: {
  readonly signal: NodeJS.Signals;
  readonly all?: boolean;
  readonly clientsClose?: boolean;
  readonly order: readonly Trial['order'][];
  readonly load?: unknown;
}): Trial[] {
  const signals: readonly NodeJS.Signals[] = all ? ['SIGTERM', 'SIGKILL'] : [signal];
  const one = clientsClose ? 'close' : 'stay';
  // The clients of a load connect again themselves.
  const clients: readonly Trial['clients'][] = all && load === undefined ? ['stay', 'close'] : [one];
  return order.flatMap((order) =>
    // Clients that close first neither stay nor close later.
    signals.flatMap((signal) =>
      (order === 'client-first' ? (['close'] as const) : clients).map((clients) => ({
        signal,
        clients,
        order,
      })),
    ),
  );
}
