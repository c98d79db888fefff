import type { Case, Facts } from '../ci.ts';
import type { ExplainDocument } from '../documents/explain.ts';

/** A case for each word. It is skipped: an explanation tries nothing. */
export function explainCases(document: ExplainDocument): Case[] {
  switch (document.type) {
    case 'words':
      return document.words.map(({ name, kind }) => caseOf(name, 'listed, not tried', { kind }));
    case 'word': {
      const { name, kind, text, here, source } = document;
      return [caseOf(name, 'explained, not tried', { kind, text, here, source })];
    }
    case 'scenario': {
      const { scenario, claim, source } = document;
      return [caseOf(scenario, 'explained, not run', { claim, source: source.join('; ') })];
    }
  }
}

function caseOf(name: string, reason: string, facts: Facts): Case {
  return {
    ...{ suite: 'explain', className: 'tcpclose.explain', name, title: name, durationMs: null },
    ...{ result: { state: 'skipped', reason }, facts, warnings: [] },
  };
}
