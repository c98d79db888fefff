/** A request and its answer, in HTTP/1.1 or in any protocol of requests and answers. Bytes are in base64. */
export type Protocol =
  | {
      readonly kind: 'http';
      readonly path: string;
      /** What the server answers slowly; null if slow requests are not made. */
      readonly slowPath: string | null;
      /** The body of each request, which is a POST then. */
      readonly body: string | null;
    }
  | {
      readonly kind: 'raw';
      readonly request: string;
      readonly slowRequest: string | null;
      /** A regular expression: an answer is whole when its bytes, read as Latin-1, match. */
      readonly answer: string;
      /** Whether the server speaks first. */
      readonly greets: 'yes' | 'no';
    };

/** null for plain TCP. With a `ca` (PEM) the server's certificate must be issued by it; its name is not compared. */
export type Tls = { readonly ca: string | null } | null;

/** Where the server listens. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string };
