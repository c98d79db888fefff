import * as v from 'valibot';
import { count } from '../rpc/messages.ts';

const bytes = v.pipe(v.string(), v.base64());

/** A request and its answer, in HTTP/1.1 or in any protocol of requests and answers. Bytes are in base64. */
const protocol = v.variant('kind', [
  v.object({
    kind: v.literal('http'),
    path: v.string(),
    /** What the server answers slowly; null if slow requests are not made. */
    slowPath: v.nullable(v.string()),
    /** The body of each request, which is a POST then. */
    body: v.nullable(bytes),
  }),
  v.object({
    kind: v.literal('raw'),
    request: bytes,
    slowRequest: v.nullable(bytes),
    /** A regular expression: an answer is whole when its bytes, read as Latin-1, match. */
    answer: v.string(),
    /** Whether the server speaks first. */
    greets: v.picklist(['yes', 'no']),
  }),
]);
export type Protocol = v.InferOutput<typeof protocol>;

const place = v.union([v.object({ host: v.string(), port: count }), v.object({ path: v.string() })]);
export type Place = v.InferOutput<typeof place>;

/** All that a load generator must know. */
export const plan = v.object({
  place,
  /** null for plain TCP. With a `ca` (PEM) the server's certificate must be issued by it; its name is not compared. */
  tls: v.nullable(v.object({ ca: v.nullable(v.string()) })),
  protocol,
  spec: v.object({ new: count, pooled: count, idle: count, slow: count }),
  /** How long a slow request takes: the clients begin theirs at different moments of it. */
  slowMs: count,
  /** How long a request may take. */
  timeoutMs: count,
});
export type Plan = v.InferOutput<typeof plan>;
