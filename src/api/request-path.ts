import { UsageError } from '../errors.ts';

/** The path of a request. @throws UsageError `bad-path` */
export function requestPath(text: string): string {
  // What a request line may contain (RFC 9112, section 3.2).
  if (/^\/[\x21-\x7e]*$/.test(text)) return text;
  throw new UsageError(
    'bad-path',
    `"${text}" is not a path: begin with "/", and write other characters than ASCII as %NN`,
  );
}
