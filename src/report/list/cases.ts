import type { Case } from '../ci.ts';
import type { ListDocument } from '../documents/list.ts';

/** A case for each scenario, under the name that it has in the report of `test`. It is skipped: a list runs nothing. */
export function listCases({ scenarios }: ListDocument): Case[] {
  return scenarios.map(({ scenario, topic, claim, needs }) => ({
    ...{ suite: topic, className: `tcpclose.${topic}`, name: scenario, title: `${topic}/${scenario}` },
    durationMs: null,
    result: { state: 'skipped', reason: 'listed, not run' },
    facts: { claim, needs: needs.length === 0 ? null : needs.join(', ') },
    warnings: [],
  }));
}
