import { settingOf } from '../facts/machine.ts';
import type { FindingKind } from '../finding.ts';
import { sysctlStep } from '../parts/steps.ts';

/** The table of connection tracking near its limit. */
export const conntrack: FindingKind = {
  name: 'conntrack',
  title: 'the table of conntrack is nearly full',
  find(facts) {
    const { machine } = facts.now;
    const count = settingOf(machine, 'net.netfilter.nf_conntrack_count');
    const limit = settingOf(machine, 'net.netfilter.nf_conntrack_max');
    if (facts.scope === 'part' || count === null || limit === null || limit === 0) return [];
    const percent = (count / limit) * 100;
    if (percent < facts.thresholds.conntrackUsed) return [];
    const before =
      facts.before === null ? null : settingOf(facts.before.machine, 'net.netfilter.nf_conntrack_count');
    return [
      {
        severity: 'wrong',
        weight: 80 + Math.min(percent, 100) / 10,
        what: `conntrack has ${count} of ${limit} entries (${Math.floor(percent)} %)`,
        fault: {
          side: 'a setting',
          processes: [],
          because: 'nf_conntrack_max is too low for the connections of this network',
        },
        since: null,
        trend: before === null ? null : `${before} at the first reading`,
        cost: `at ${limit} packets of new connections are dropped ("nf_conntrack: table full" in the log): clients time out`,
        steps: [
          sysctlStep('raise the limit', `net.netfilter.nf_conntrack_max=${limit * 2}`, facts),
          sysctlStep(
            'forget closed connections sooner',
            'net.netfilter.nf_conntrack_tcp_timeout_time_wait=30',
            facts,
          ),
        ],
        count,
        sockets: [],
        figures: { limit, percent },
      },
    ];
  },
};
