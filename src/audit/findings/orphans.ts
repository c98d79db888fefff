import { step } from '../../diagnose/advice/step.ts';
import { groupBy, largestFirst } from '../../group.ts';
import { settingOf } from '../facts/machine.ts';
import type { FindingKind } from '../finding.ts';
import { agesOf, hinderedFor, withAges } from '../parts/ages.ts';
import { sysctlStep } from '../parts/steps.ts';
import { pairsOf } from '../parts/words.ts';

/** Orphans against tcp_max_orphans: beyond it the kernel resets connections instead of closing them in order. */
export const orphans: FindingKind = {
  name: 'orphans',
  title: 'connections without a process approach tcp_max_orphans',
  find(facts) {
    const { machine, table } = facts.now;
    const limit = settingOf(machine, 'net.ipv4.tcp_max_orphans');
    const count = machine.orphans;
    if (facts.scope === 'part' || count === null || limit === null) return [];
    const percent = (count / Math.max(limit, 1)) * 100;
    if (percent < facts.thresholds.orphansUsed || count === 0) return [];
    const sockets = table.connections.filter(({ state, inode }) => inode === 0 && isOrphanState(state));
    const [[state, most] = ['FIN_WAIT1', []]] = largestFirst(groupBy(sockets, ({ state }) => state));
    const before = facts.before?.machine.orphans ?? null;
    const since = agesOf(most.map(hinderedFor));
    return [
      {
        severity: 'wrong',
        weight: 70 + Math.min(percent, 100) / 4,
        what: withAges(
          `${count} orphans of ${limit} (tcp_max_orphans), ${most.length} of them in ${state}`,
          since,
          most.length,
        ),
        fault: {
          side: 'the other side',
          processes: [],
          because: 'processes have closed, and the other sides do not acknowledge the data or the FIN',
        },
        since,
        trend: before === null ? null : `${before} at the first reading`,
        cost: `at ${limit}, and for some from a quarter of it on, close() resets connections and the data behind is lost`,
        steps: [
          step('find out why the other sides do not answer: see LAST_ACK and FIN_WAIT1'),
          sysctlStep('give up on each sooner', 'net.ipv4.tcp_orphan_retries=3', facts),
          sysctlStep(
            'allow more of them: each takes up to 64 KiB',
            `net.ipv4.tcp_max_orphans=${roomyLimit(count, limit)}`,
            facts,
          ),
        ],
        count,
        sockets: pairsOf(most),
        figures: { limit, percent },
      },
    ];
  },
};

/** The kernel counts some of them four times (tcp_out_of_resources() of Linux): a quarter of the limit must be more than the orphans. */
function roomyLimit(count: number, limit: number): number {
  let roomy = Math.max(limit, 1) * 2;
  while (roomy <= count * 4) roomy *= 2;
  return roomy;
}

function isOrphanState(state: string): boolean {
  return state === 'FIN_WAIT1' || state === 'FIN_WAIT2' || state === 'LAST_ACK' || state === 'CLOSING';
}
