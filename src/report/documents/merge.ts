import * as v from 'valibot';
import { harmless } from '../../foreign.ts';
import type { Merged } from '../../merge/merge.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';

const describe = v.description;

const shares = v.array(
  v.object({
    value: v.string(),
    count: v.number(),
    first: v.pipe(v.array(v.string()), describe('some of these hosts')),
  }),
);

/** What `tcpclose merge --json` prints. */
export const mergeDocument = v.object({
  schemaVersion,
  audits: v.number(),
  ledgers: v.pipe(v.number(), describe('documents of claims')),
  kernels: v.array(v.object({ kernel: v.string(), documents: v.number() })),
  settings: v.array(v.object({ name: v.string(), values: shares })),
  claims: v.array(
    v.object({
      id: v.string(),
      claim: v.string(),
      findings: v.pipe(shares, describe('the most frequent first')),
      kernels: v.array(v.object({ kernel: v.string(), findings: shares })),
    }),
  ),
  findings: v.pipe(
    v.array(
      v.object({
        kind: v.string(),
        wrong: v.pipe(v.number(), describe('audits in which it is wrong')),
        notes: v.pipe(v.number(), describe('audits in which it is a note')),
        median: v.pipe(
          v.nullable(v.number()),
          describe('of what it counts where it is wrong; three digits of numbers from 1,000 on'),
        ),
        largest: v.array(v.object({ host: v.string(), count: v.number() })),
        kernels: v.array(v.object({ kernel: v.string(), wrong: v.number(), of: v.number() })),
      }),
    ),
    describe('of audits, the most frequent first'),
  ),
  unread: v.object({
    count: v.number(),
    first: v.array(v.object({ from: v.string(), reason: v.string() })),
  }),
});

export type MergeDocument = DocumentOf<typeof mergeDocument>;

/** Everything in it was read from files, and is made harmless here. */
export function mergeDocumentOf({ fleet, unread }: Merged): MergeDocument {
  const { audits, ledgers, kernels, settings, claims, findings } = fleet;
  const document = {
    schemaVersion: 1,
    audits,
    ledgers,
    kernels,
    settings,
    claims,
    findings,
    unread,
  } as const;
  return made(document) as MergeDocument;
}

function made(value: unknown): unknown {
  if (typeof value === 'string') return harmless(value);
  if (Array.isArray(value)) return value.map(made);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, made(item)]));
}
