import type { Case, CaseResult } from '../ci.ts';
import type { InitDocument } from '../documents/init.ts';

/** A case for each file. One that already existed is skipped: it is unchanged. */
export function initCases({ written, kept }: InitDocument): Case[] {
  return [
    ...written.map((path) => caseOf(path, { state: 'passed', remark: 'written' })),
    ...kept.map((path) => caseOf(path, { state: 'skipped', reason: 'already exists: it is unchanged' })),
  ];
}

function caseOf(path: string, result: CaseResult): Case {
  const name = `${path} exists`;
  return {
    ...{ suite: 'init', className: 'tcpclose.init', name, title: name, durationMs: null },
    ...{ result, facts: {}, warnings: [] },
  };
}
