import { formatEndpoint } from '../../address.ts';
import { reuseAddressCode } from '../../diagnose/advice/languages.ts';
import { codeStep } from '../../diagnose/advice/step.ts';
import { many } from '../../many.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { faultHere } from '../parts/culprits.ts';

/** Listeners without SO_REUSEADDR: the next start fails as long as a connection of this one remains. */
export const noReuseAddress: FindingKind = {
  name: 'no-reuse-address',
  title: 'the next start of a server fails, because it listens without SO_REUSEADDR',
  find(facts) {
    return facts.listeners
      .filter((listener) => lacksReuse(listener, facts))
      .map((listener) => findingOf(listener, facts));
  },
};

// If all starts of one user set SO_REUSEPORT, connections do not block a bind either.
function lacksReuse(listener: Socket, facts: Facts): boolean {
  const options = facts.optionsOf(listener);
  return options.state === 'read' && !options.reuseAddress && !options.reusePort;
}

function findingOf(listener: Socket, facts: Facts): Finding {
  const { port } = listener.local;
  const open = facts.connections.filter(({ local }) => local.port === port).length;
  let timeWaits = 0;
  let leftMs = 0;
  for (const waiting of facts.now.table.timeWaits) {
    if (waiting.local.port !== port) continue;
    timeWaits++;
    leftMs = Math.max(leftMs, waiting.leftMs);
  }
  const blocked = open + timeWaits > 0;
  return {
    severity: blocked ? 'wrong' : 'note',
    weight: blocked ? 48 : 6,
    what: `${formatEndpoint(listener.local)} listens without SO_REUSEADDR${blocked ? `, and has ${many(open, 'open connection')} and ${many(timeWaits, 'TIME_WAIT')}` : ': a restart that leaves connections fails with EADDRINUSE'}`,
    fault: faultHere([listener], facts, (who) => `${who} did not set the option before bind()`),
    since: null,
    trend: null,
    cost: blocked
      ? 'a restart now fails with EADDRINUSE until its last connection is gone, after up to 60 s in FIN_WAIT2 and 60 s in TIME_WAIT'
      : 'a connection that the server closes first blocks the port for up to 60 s in FIN_WAIT2, and then for 60 s in TIME_WAIT',
    steps: [codeStep('set SO_REUSEADDR before bind(), in every start', reuseAddressCode)],
    count: 1,
    sockets: [],
    figures: { open, timeWaits, leftMs: timeWaits === 0 ? null : leftMs },
  };
}
