import type { ClaimsDocument } from './documents/claims.ts';
import type { MatrixDiff, MatrixDocument } from './documents/matrix.ts';
import type { RestartDocument } from './documents/restart.ts';
import type { RunDocument } from './documents/run.ts';
import type { SuiteDocument } from './documents/suite.ts';

/** What lies in a page: documents of one kind, by the command that prints them. */
export type Rendered = { readonly version: string } & (
  | { readonly kind: 'demo'; readonly documents: readonly [RunDocument] }
  | { readonly kind: 'test'; readonly documents: readonly [SuiteDocument] }
  | { readonly kind: 'claims'; readonly documents: readonly [ClaimsDocument] }
  | {
      readonly kind: 'matrix';
      readonly documents: readonly [MatrixDocument | MatrixDiff, ...MatrixDocument[]];
    }
  | { readonly kind: 'restart'; readonly documents: readonly [RestartDocument] }
);
