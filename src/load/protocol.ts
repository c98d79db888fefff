/** A request and its answer, in HTTP/1.1 or in any request-response protocol. Bytes are in base64. */
export type Protocol =
  | {
      readonly kind: 'http';
      readonly path: string;
      /** A path that the server answers slowly; null if there are no slow requests. */
      readonly slowPath: string | null;
      /** The body of each request, whose method is then POST. */
      readonly body: string | null;
    }
  | {
      readonly kind: 'raw';
      readonly request: string;
      readonly slowRequest: string | null;
      /** An answer is complete when its bytes, read as Latin-1, match. */
      readonly answer: Pick<RegExp, 'source' | 'flags'>;
      /** Whether the server sends first. */
      readonly greets: 'yes' | 'no';
    };

/** null for plain TCP. With a `ca` (PEM) the server's certificate must be issued by it; its name is not compared. */
export type Tls = { readonly ca: string | null } | null;

/** Where the server listens. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string };
