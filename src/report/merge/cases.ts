import { many } from '../../many.ts';
import { type Case, type CaseResult, problem } from '../ci.ts';
import type { MergeDocument } from '../documents/merge.ts';

const passed: CaseResult = { state: 'passed', remark: null };

/** A case for each claim and each kind of finding, with a warning if hosts differ; what could not be read has no result. */
export function mergeCases({ claims, findings, audits, unread }: MergeDocument): Case[] {
  return [
    ...claims.map(({ id, claim, findings }) => {
      const shares = findings.map(({ value, count }) => `${value} on ${count}`).join(', ');
      return caseOf('claims', `${id}: ${claim}`, findings.length > 1 ? [`hosts differ: ${shares}`] : []);
    }),
    ...findings.map(({ kind, wrong }) =>
      caseOf('audits', kind, wrong > 0 ? [`wrong on ${wrong} of ${audits}`] : []),
    ),
    ...(unread.count === 0 ? [] : [unreadCase(unread)]),
  ];
}

function caseOf(suite: string, name: string, warnings: readonly string[], result = passed): Case {
  const common = { suite, className: `tcpclose.merge.${suite}`, name, title: name, durationMs: null };
  return { ...common, result, facts: {}, warnings };
}

function unreadCase({ count, first }: MergeDocument['unread']): Case {
  const problems = [
    problem(`${many(count, 'document')} could not be read`, {
      type: 'unread',
      text: first.map(({ from, reason }) => `${from}: ${reason}`).join('\n'),
    }),
  ];
  return caseOf('files', 'every document can be read', [], { state: 'errored', problems });
}
