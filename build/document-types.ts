import { writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { compile } from 'json-schema-to-typescript';
import type { GenericSchema } from 'valibot';
import { auditDocument } from '../src/report/documents/audit.ts';
import { claimsDocument } from '../src/report/documents/claims.ts';
import { doctorDocument } from '../src/report/documents/doctor.ts';
import { idleDocument } from '../src/report/documents/idle.ts';
import { matrixDiff, matrixDocument } from '../src/report/documents/matrix.ts';
import { mergeDocument } from '../src/report/documents/merge.ts';
import { restartDocument } from '../src/report/documents/restart.ts';
import { runDocument } from '../src/report/documents/run.ts';
import { runCommandDocument } from '../src/report/documents/run-command.ts';
import { suiteDocument } from '../src/report/documents/suite.ts';
import { watchDocument } from '../src/report/documents/watch.ts';
import { portDocument } from '../src/report/documents/why.ts';
import { whyDocument } from '../src/report/documents/why-answers.ts';
import { endingPlan } from '../src/report/documents/why-ended.ts';
import { unixDocument } from '../src/report/documents/why-unix.ts';

/** The documents that the functions of the package return: the file in src/report/documents, its types and their schemas. */
const documents: Readonly<Record<string, Readonly<Record<string, GenericSchema>>>> = {
  audit: { AuditDocument: auditDocument },
  claims: { ClaimsDocument: claimsDocument },
  doctor: { DoctorDocument: doctorDocument },
  idle: { IdleDocument: idleDocument },
  matrix: { MatrixDocument: matrixDocument, MatrixDiff: matrixDiff },
  merge: { MergeDocument: mergeDocument },
  restart: { RestartDocument: restartDocument },
  run: { RunDocument: runDocument },
  'run-command': { RunCommandDocument: runCommandDocument },
  suite: { SuiteDocument: suiteDocument },
  watch: { WatchDocument: watchDocument },
  why: { WhyDocument: portDocument },
  'why-answers': { WhyAnswer: whyDocument },
  'why-ended': { EndingPlanDocument: endingPlan },
  'why-unix': { UnixDocument: unixDocument },
};

/** Declares the documents in plain types, which need no other package, in place of what the compiler has written for them. */
export async function writeDocumentTypes(types: string): Promise<void> {
  for (const [file, schemas] of Object.entries(documents)) {
    const texts = Object.entries(schemas).map(([name, schema]) =>
      compile(toJsonSchema(schema) as object, name, { bannerComment: '', additionalProperties: false }),
    );
    writeFileSync(`${types}/src/report/documents/${file}.d.ts`, (await Promise.all(texts)).join('\n'));
  }
}
