/** The largest head that Node's own client accepts by default (--max-http-header-size). */
const longestHead = 16_384;
/** An answer longer than this is not read to its end. */
export const longestAnswer = 16 * 1024 * 1024;

/** What the head of an answer says about its connection. */
export interface Head {
  readonly status: number;
  readonly version: '1.0' | '1.1';
  /** Whether the connection stays open, by RFC 9112, section 9.3. */
  readonly keeps: boolean;
  /** `Keep-Alive: timeout=` in seconds; null without it. */
  readonly timeoutS: number | null;
  /** `Keep-Alive: max=`; null without it. */
  readonly max: number | null;
  readonly server: string | null;
}

/** The progress of an answer. `rest` are bytes after its end. */
export type Progress =
  | { readonly state: 'more' }
  | { readonly state: 'complete'; readonly head: Head; readonly rest: Buffer }
  | { readonly state: 'garbage' | 'too long' };

const more: Progress = { state: 'more' };

/** Finds the end of an answer to GET, by the rules of RFC 9112, section 6.3. It does not keep the body. */
export class AnswerReader {
  #pending = Buffer.alloc(0);
  #received = 0;
  #head: Head | undefined;
  /** Bytes of the body, or of the chunk, that are still missing. */
  #left = 0;
  #body: 'counted' | 'chunks' | 'in a chunk' | 'trailers' | 'until close' = 'counted';

  push(data: Buffer): Progress {
    this.#received += data.length;
    if (this.#received > longestAnswer) return { state: 'too long' };
    this.#pending = Buffer.concat([this.#pending, data]);
    if (this.#head === undefined) {
      const read = this.#readHead();
      if (read !== 'done') return read;
    }
    return this.#readBody();
  }

  /** The connection has ended; this ends an answer without a length. */
  end(): Progress {
    if (this.#head === undefined || this.#body !== 'until close') return more;
    return { state: 'complete', head: this.#head, rest: Buffer.alloc(0) };
  }

  #readHead(): Progress | 'done' {
    for (;;) {
      if (!isStartOfAnswer(this.#pending)) return { state: 'garbage' };
      const at = this.#pending.indexOf('\r\n\r\n');
      if (at < 0) return this.#pending.length > longestHead ? { state: 'garbage' } : more;
      const lines = this.#pending.subarray(0, at).toString('latin1').split('\r\n');
      this.#pending = this.#pending.subarray(at + 4);
      const fields = fieldsOf(lines.slice(1));
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(lines[0] ?? '')?.[1]);
      if (!(status >= 100 && status !== 101)) return { state: 'garbage' };
      // An interim answer, such as 103, comes before the real one.
      if (status < 200) continue;
      this.#head = headOf(status, lines[0]?.startsWith('HTTP/1.0') ? '1.0' : '1.1', fields);
      return this.#chooseBody(status, fields);
    }
  }

  #chooseBody(status: number, fields: ReadonlyMap<string, string>): Progress | 'done' {
    const length = fields.get('content-length');
    if (status === 204 || status === 304) this.#left = 0;
    else if (/\bchunked\s*$/i.test(fields.get('transfer-encoding') ?? '')) this.#body = 'chunks';
    else if (length === undefined) this.#body = 'until close';
    else if (!/^\d{1,15}$/.test(length)) return { state: 'garbage' };
    else this.#left = Number(length);
    return this.#left > longestAnswer ? { state: 'too long' } : 'done';
  }

  #readBody(): Progress {
    for (;;) {
      switch (this.#body) {
        case 'until close':
          this.#pending = Buffer.alloc(0);
          return more;
        case 'counted':
        case 'in a chunk': {
          const taken = Math.min(this.#left, this.#pending.length);
          this.#left -= taken;
          this.#pending = this.#pending.subarray(taken);
          if (this.#left > 0) return more;
          if (this.#body === 'counted') return this.#complete();
          this.#body = 'chunks';
          break;
        }
        case 'chunks': {
          const line = this.#line();
          if (line === undefined) return this.#pending.length > longestHead ? { state: 'garbage' } : more;
          const size = /^([0-9a-f]{1,12})\s*(;.*)?$/i.exec(line)?.[1];
          if (size === undefined) return { state: 'garbage' };
          // The line end after a chunk is counted with the chunk.
          this.#left = Number.parseInt(size, 16) + 2;
          this.#body = this.#left === 2 ? 'trailers' : 'in a chunk';
          break;
        }
        case 'trailers': {
          const line = this.#line();
          if (line === undefined) return this.#pending.length > longestHead ? { state: 'garbage' } : more;
          if (line === '') return this.#complete();
        }
      }
    }
  }

  #line(): string | undefined {
    const at = this.#pending.indexOf('\r\n');
    if (at < 0) return undefined;
    const line = this.#pending.subarray(0, at).toString('latin1');
    this.#pending = this.#pending.subarray(at + 2);
    return line;
  }

  #complete(): Progress {
    if (this.#head === undefined) return { state: 'garbage' };
    return { state: 'complete', head: this.#head, rest: this.#pending };
  }
}

function isStartOfAnswer(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 7).toString('latin1');
  return 'HTTP/1.'.startsWith(start);
}

function fieldsOf(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    const before = fields.get(name);
    const value = line.slice(at + 1).trim();
    if (at > 0) fields.set(name, before === undefined || before === value ? value : `${before}, ${value}`);
  }
  return fields;
}

function headOf(status: number, version: Head['version'], fields: ReadonlyMap<string, string>): Head {
  const options = (fields.get('connection') ?? '').toLowerCase().split(/\s*,\s*/);
  const keepAlive = fields.get('keep-alive') ?? '';
  const number = (name: string) => {
    const found = new RegExp(`\\b${name}\\s*=\\s*"?(\\d{1,9})`, 'i').exec(keepAlive)?.[1];
    return found === undefined ? null : Number(found);
  };
  const keeps = !options.includes('close') && (version === '1.1' || options.includes('keep-alive'));
  return {
    ...{ status, version, keeps, timeoutS: number('timeout'), max: number('max') },
    server: fields.get('server') ?? null,
  };
}
