import * as v from 'valibot';
import { count, port } from '../rpc/messages.ts';
import { pattern } from '../rpc/pattern.ts';
import type { Place, Protocol } from './protocol.ts';

const bytes = v.pipe(v.string(), v.base64());

const protocol: v.GenericSchema<Protocol> = v.variant('kind', [
  v.object({
    kind: v.literal('http'),
    path: v.string(),
    slowPath: v.nullable(v.string()),
    body: v.nullable(bytes),
  }),
  v.object({
    kind: v.literal('raw'),
    request: bytes,
    slowRequest: v.nullable(bytes),
    answer: pattern,
    greets: v.picklist(['yes', 'no']),
  }),
]);

const place: v.GenericSchema<Place> = v.union([
  v.object({ host: v.string(), port }),
  v.object({ path: v.string() }),
]);

/** Everything a load generator must know. */
export const plan = v.object({
  place,
  tls: v.nullable(v.object({ ca: v.nullable(v.string()) })),
  protocol,
  spec: v.object({ new: count, pooled: count, idle: count, slow: count }),
  /** How long a slow request takes: the clients start theirs at different moments of it. */
  slowMs: count,
  /** The time limit of a request. */
  timeoutMs: count,
});
export type Plan = v.InferOutput<typeof plan>;
