import { formatEndpoint } from '../../address.ts';
import type { FindingKind } from '../finding.ts';
import { faultHere } from '../parts/culprits.ts';
import { portRangeOf } from '../parts/port-range.ts';
import { sysctlStep } from '../parts/steps.ts';

/** Listeners on ephemeral ports: between a stop and the next start, a client may take the port. */
export const inRange: FindingKind = {
  name: 'in-range',
  title: 'a client may take the port of a server before its next start',
  find(facts) {
    const range = portRangeOf(facts.now.machine);
    if (range === null) return [];
    const inside = facts.listeners.filter(({ local }) => range.has(local.port));
    const [first] = inside;
    if (first === undefined) return [];
    const ports = [...new Set(inside.map(({ local }) => local.port))].sort((a, b) => a - b);
    const listed = facts.now.machine.settings.get('net.ipv4.ip_local_reserved_ports') ?? '';
    const reserved = [...(listed === '' ? [] : [listed]), ...ports].join();
    return [
      {
        severity: 'note',
        weight: 4,
        what: `${ports.length === 1 ? `the listener ${formatEndpoint(first.local)} is` : `${ports.length} ports with listeners (${ports.slice(0, 3).join(', ')}${ports.length > 3 ? ' ...' : ''}) are`} inside ip_local_port_range (${range.low} to ${range.high}): while the server is down a client may take the port`,
        fault: faultHere(inside, facts, (who) => `${who} listens on a port of the range for clients`),
        since: null,
        trend: null,
        cost: 'the next start then fails with EADDRINUSE. A port that the kernel chose (listen on 0) does not matter',
        steps: [
          sysctlStep(
            'choose a port below the range, or reserve it',
            `net.ipv4.ip_local_reserved_ports=${reserved}`,
            facts,
          ),
        ],
        count: ports.length,
        sockets: [],
        figures: { low: range.low, high: range.high },
      },
    ];
  },
};
