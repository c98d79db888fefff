import type { AuditDocument } from './documents/audit.ts';
import type { ClaimsDocument } from './documents/claims.ts';
import type { IdleDocument } from './documents/idle.ts';
import type { MatrixDiff, MatrixDocument } from './documents/matrix.ts';
import type { RestartDocument } from './documents/restart.ts';
import type { RunDocument } from './documents/run.ts';
import type { SuiteDocument } from './documents/suite.ts';
import type { WatchDocument } from './documents/watch.ts';

/** Documents of one kind, by the command that prints them. */
export type Shown =
  | { readonly kind: 'demo'; readonly documents: readonly [RunDocument] }
  | { readonly kind: 'test'; readonly documents: readonly [SuiteDocument] }
  | { readonly kind: 'claims'; readonly documents: readonly [ClaimsDocument] }
  | {
      readonly kind: 'matrix';
      readonly documents: readonly [MatrixDocument | MatrixDiff, ...MatrixDocument[]];
    }
  | { readonly kind: 'restart'; readonly documents: readonly [RestartDocument] }
  | { readonly kind: 'idle'; readonly documents: readonly [IdleDocument] }
  | { readonly kind: 'audit'; readonly documents: readonly [AuditDocument] }
  /** All lines of a watch are one document. */
  | { readonly kind: 'watch'; readonly documents: readonly [readonly WatchDocument[]] };

/** The data in a page. */
export type Rendered = Shown & {
  readonly version: string;
  /** What the page leaves out of its documents, and what the documents themselves lack. */
  readonly remarks?: readonly string[];
};
