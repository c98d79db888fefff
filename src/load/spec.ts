import { UsageError } from '../errors.ts';

/** The kinds of client, in the order of reports. */
export const kinds = ['new', 'pooled', 'idle', 'slow'] as const;
export type Kind = (typeof kinds)[number];

/** How much of each kind. */
export interface LoadSpec {
  /** New connections per second, with one request each. */
  readonly new: number;
  /** Clients that use one connection again and again. */
  readonly pooled: number;
  /** Clients whose connection has answered one request and is idle until the signal. */
  readonly idle: number;
  /** Clients that always have a slow request in flight. */
  readonly slow: number;
}

/** The meaning of a bare `--load`. Slow requests need something that the server answers slowly. */
export function defaultLoad(slowRequest: 'known' | 'not known'): LoadSpec {
  return { new: 50, pooled: 10, idle: 5, slow: slowRequest === 'known' ? 5 : 0 };
}

const most: LoadSpec = { new: 2000, pooled: 1000, idle: 1000, slow: 1000 };

const example = 'new=100/s,pooled=20,idle=5,slow=10';

/**
 * Parses `new=100/s,pooled=20,idle=5,slow=10`; missing parts are 0.
 * @throws UsageError `bad-load`
 */
export function parseLoad(text: string): LoadSpec {
  const spec: Record<Kind, number> = { new: 0, pooled: 0, idle: 0, slow: 0 };
  const given = new Set<Kind>();
  for (const part of text.split(',').map((part) => part.trim())) {
    const [, name = '', digits = '', unit = ''] = /^([a-z]+)=(\d{1,9})(\/s)?$/.exec(part) ?? [];
    const kind = kinds.find((kind) => kind === name);
    if (kind === undefined || (unit !== '' && kind !== 'new')) {
      throw bad(`"${part}" is not a part of a load: write parts such as ${example}`);
    }
    if (given.has(kind)) throw bad(`"${text}" names ${kind} twice: name it once`);
    spec[kind] = Number(digits);
    given.add(kind);
  }
  return checkLoad(spec, text);
}

/**
 * A load that is not empty or impossible; missing parts are 0.
 * @param text as the user wrote it
 * @throws UsageError `bad-load`
 */
export function checkLoad(given: Partial<LoadSpec>, text = JSON.stringify(given)): LoadSpec {
  const unknown = Object.keys(given).find((name) => !kinds.some((kind) => kind === name));
  if (unknown !== undefined)
    throw bad(`"${unknown}" is not a part of a load: choose from ${kinds.join(', ')}`);
  const spec: LoadSpec = { new: 0, pooled: 0, idle: 0, slow: 0, ...given };
  for (const kind of kinds) {
    const count = spec[kind];
    if (count > most[kind]) {
      throw bad(`${kind}=${count} is more than tcpclose makes: give ${kind}=${most[kind]} at most`);
    }
    if (!Number.isInteger(count) || count < 0) {
      throw bad(`"${text}" is not a load: give ${kind} as a whole number, or 0`);
    }
  }
  if (kinds.every((kind) => spec[kind] === 0)) {
    throw bad(`"${text}" asks for no request: give a number above 0, as in ${example}`);
  }
  return spec;
}

/** As `parseLoad()` reads it. */
export function formatLoad(spec: LoadSpec): string {
  const parts = kinds.filter((kind) => spec[kind] > 0);
  return parts.map((kind) => `${kind}=${spec[kind]}${kind === 'new' ? '/s' : ''}`).join(',');
}

function bad(message: string): UsageError {
  return new UsageError('bad-load', message);
}
