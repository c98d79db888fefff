import { expect } from 'vitest';
import type { AuditDocument } from '../../src/report/documents/audit.ts';
import { tcpclose } from './program.ts';
import { schemaErrors } from './schema.ts';

export type Finding = AuditDocument['findings'][number];

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

export interface Audited {
  readonly document: AuditDocument;
  readonly status: number | null;
  /** The findings that are wrong, by their kinds. */
  readonly wrong: readonly string[];
  /** How long before the look something was that happened at a time of Date.now(). */
  ageOf(happenedAt: number): number;
  finding(kind: string): Finding;
  /** Of all findings, the notes included. */
  readonly kinds: readonly string[];
}

/** Runs the program and checks its document. `prefix` is put before it, such as nsenter. */
export async function audited(args: readonly string[], prefix: readonly string[] = []): Promise<Audited> {
  return auditedBy(await tcpclose(['audit', '--json', ...args], { prefix }));
}

/** Checks what `audit --json` has printed. */
export function auditedBy({ stdout, stderr, status }: Printed): Audited {
  if (stdout === '') throw new Error(`no document: ${stderr}`);
  const document = JSON.parse(stdout) as AuditDocument;
  expect(schemaErrors('audit', document)).toEqual([]);
  const wrong = document.findings.filter(({ severity }) => severity === 'wrong').map(({ kind }) => kind);
  expect(status).toBe(wrong.length === 0 ? 0 : 1);
  return {
    document,
    status,
    wrong,
    kinds: document.findings.map(({ kind }) => kind),
    ageOf: (happenedAt) => Date.parse(document.at) - happenedAt,
    finding(kind) {
      const found = document.findings.find((one) => one.kind === kind);
      if (found === undefined) throw new Error(`no ${kind} among ${JSON.stringify(document.findings)}`);
      return found;
    },
  };
}
