import { step } from '../../diagnose/advice/step.ts';
import { settingOf } from '../facts/machine.ts';
import type { FindingKind } from '../finding.ts';
import { sysctlStep } from '../parts/steps.ts';
import { formatRate } from '../parts/trend.ts';

/** The approximate size of a struct tcp_timewait_sock (256 bytes in the slab tw_sock_TCP). */
const bytesEach = 256;

/** Thousands of TIME_WAITs: mostly harmless. They matter at tcp_max_tw_buckets, and when ports run out, which is a separate finding. */
export const timeWaits: FindingKind = {
  name: 'time-waits',
  title: 'TIME_WAITs approach tcp_max_tw_buckets',
  find(facts) {
    const { table, machine } = facts.now;
    const count = table.timeWaits.count;
    const limit = settingOf(machine, 'net.ipv4.tcp_max_tw_buckets');
    if (facts.scope === 'part') return [];
    const overflow = facts.movedBy('TCPTimeWaitOverflow');
    const percent = limit === null ? 0 : (count / Math.max(limit, 1)) * 100;
    const near = percent >= facts.thresholds.bucketsUsed || (overflow !== null && overflow > 0);
    if (!near && count < facts.thresholds.timeWaits) return [];
    let young = 0;
    for (const { leftMs } of table.timeWaits) if (leftMs > 50_000) young++;
    const trend = `${formatRate(young / 10)} came in the last 10 s`;
    const kib = Math.ceil((count * bytesEach) / 1024);
    const common = {
      fault: {
        side: 'nobody',
        processes: [],
        because: 'the side that closes first waits for 60 s (RFC 9293)',
      },
      since: null,
      trend,
      count,
      sockets: [],
      figures: { limit, percent, overflow },
    } as const;
    if (near) {
      return [
        {
          ...common,
          severity: 'wrong',
          weight: 45,
          what: `${count} connections in TIME_WAIT of ${limit} (tcp_max_tw_buckets)`,
          cost: 'beyond the limit connections end without TIME_WAIT: an old segment may reach the next one, and a lost last ACK is answered with a reset',
          steps: [
            step('have clients close first, or keep connections alive'),
            sysctlStep(
              'raise the limit: each takes a quarter of a KiB',
              `net.ipv4.tcp_max_tw_buckets=${(limit ?? count) * 4}`,
              facts,
            ),
          ],
        },
      ];
    }
    return [
      {
        ...common,
        severity: 'note',
        weight: 1,
        what: `${count} connections in TIME_WAIT: harmless, about ${kib} KiB, and each ends within 60 s`,
        cost: limit === null ? null : `it would matter from ${limit} on (tcp_max_tw_buckets)`,
        steps: [],
      },
    ];
  },
};
