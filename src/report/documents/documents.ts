import * as v from 'valibot';
import { claimsDocument } from './claims.ts';
import { explainDocument } from './explain.ts';
import { listDocument } from './list.ts';
import { matrixDiff, matrixDocument } from './matrix.ts';
import { restartDocument } from './restart.ts';
import { runDocument } from './run.ts';
import { suiteDocument } from './suite.ts';
import { watchDocument } from './watch.ts';
import { whyDocument } from './why.ts';

/** The documents that commands print with --json, by the command's name. */
export const documents = {
  demo: runDocument,
  list: listDocument,
  explain: explainDocument,
  test: suiteDocument,
  claims: claimsDocument,
  matrix: v.union([matrixDocument, matrixDiff]),
  restart: restartDocument,
  why: whyDocument,
  watch: watchDocument,
} as const;
