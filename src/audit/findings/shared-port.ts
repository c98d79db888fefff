import { formatEndpoint } from '../../address.ts';
import { groupBy } from '../../group.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { culpritsOf, whoHas } from '../parts/culprits.ts';
import { type Relation, relationOf } from '../parts/relation.ts';
import { endStep } from '../parts/steps.ts';

/** Several listeners on one address by SO_REUSEPORT, of unrelated programs: each gets a share of the clients. */
export const sharedPort: FindingKind = {
  name: 'shared-port',
  title: 'programs that do not belong together share a port by SO_REUSEPORT',
  find(facts) {
    const shared = groupBy(
      facts.listeners,
      ({ family, local }) => `${family} ${local.address} ${local.port}`,
    );
    return [...shared.values()].flatMap((listeners) => {
      const [first, ...others] = listeners;
      const strangers = others.map((other) => ({ other, relation: relationOf(first, other, facts) }));
      const worst =
        strangers.find(({ relation }) => relation === 'different') ??
        strangers.find(({ relation }) => relation === 'copies');
      return worst === undefined
        ? []
        : [findingOf(first, worst.other, worst.relation, listeners.length, facts)];
    });
  },
};

function findingOf(first: Socket, other: Socket, relation: Relation, count: number, facts: Facts): Finding {
  const isOrdered = startOf(first, facts).localeCompare(startOf(other, facts)) <= 0;
  const [older, newer] = isOrdered ? [first, other] : [other, first];
  return {
    severity: relation === 'different' ? 'wrong' : 'note',
    weight: relation === 'different' ? 58 : 10,
    what: `${count} listeners share ${formatEndpoint(first.local)} by SO_REUSEPORT, and ${relation === 'different' ? 'belong to different programs' : 'are copies that were started apart'}`,
    fault: {
      side: 'this side',
      processes: culpritsOf([first, other], facts),
      because: `${whoHas([older], facts)} is the older one, and ${whoHas([newer], facts)} the newer`,
    },
    since: null,
    trend: null,
    cost: `the kernel distributes the clients: about 1 of ${count} reaches each listener`,
    steps: [endStep('if the older one should have ended, end it', facts.holdersOf(older), facts)],
    count,
    sockets: [],
    figures: {},
  };
}

function startOf(socket: Socket, facts: Facts): string {
  const starts = facts.holdersOf(socket).map(({ pid }) => facts.process(pid)?.since ?? '');
  return starts.sort()[0] ?? '';
}
