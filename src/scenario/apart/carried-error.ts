import { TcpcloseError } from '../../errors.ts';

/** What reports, and the decision to run again, need of an error of another process. */
export interface CarriedError {
  readonly kind: 'of tcpclose' | 'other';
  readonly message: string;
  readonly stack: string;
  /** Its own fields of text: `name` and `code`, and of a system call `syscall` and `path`. */
  readonly fields: Readonly<Record<string, string>>;
}

export function carriedError(error: Error): CarriedError {
  const fields = Object.entries({ ...error, name: error.name }).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value]] : [],
  );
  return {
    kind: error instanceof TcpcloseError ? 'of tcpclose' : 'other',
    message: error.message,
    stack: error.stack ?? '',
    fields: Object.fromEntries(fields) as CarriedError['fields'],
  };
}

/** The error, as it was there. */
export function errorOf({ kind, message, stack, fields }: CarriedError): Error {
  const error =
    kind === 'of tcpclose' ? new TcpcloseError(fields['code'] ?? 'unknown', message) : new Error(message);
  return Object.assign(error, { ...fields, stack });
}
