import { type Case, type Problem, problem } from '../ci.ts';
import type { AuditDocument } from '../documents/audit.ts';

type Finding = AuditDocument['findings'][number];

/** A case for each kind of finding: it fails if something of the kind is wrong, and carries notes as warnings. */
export function auditCases(
  { findings, scope }: AuditDocument,
  kinds: readonly { readonly name: string }[],
): Case[] {
  return kinds.map(({ name }) => {
    const own = findings.filter(({ kind }) => kind === name);
    const wrong = own.filter(({ severity }) => severity === 'wrong');
    const notes = own.filter(({ severity }) => severity === 'note');
    return {
      suite: scope,
      className: 'tcpclose.audit',
      name,
      title: name,
      durationMs: null,
      result:
        wrong.length === 0
          ? { state: 'passed', remark: null }
          : { state: 'failed', problems: wrong.map(problemOf) },
      facts: { count: own.reduce((total, { count }) => total + count, 0) },
      warnings: notes.map(({ what }) => what),
    };
  });
}

function problemOf({ kind, what, fault, trend, cost, steps }: Finding): Problem {
  const lines = steps.map(({ text, command }) => (command === null ? text : `${text}: ${command}`));
  return problem(what, {
    type: kind,
    remedy: lines[0] ?? null,
    text: [
      `${fault.side}: ${fault.because}`,
      ...[trend, cost].filter((text) => text !== null),
      ...lines,
    ].join('\n'),
  });
}
