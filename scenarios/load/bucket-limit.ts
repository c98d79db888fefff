import { integer, scenario } from '../../src/index.ts';
import { lastRead } from '../../src/kit/kit.ts';

const name = 'net.ipv4.tcp_max_tw_buckets';
/** alloc_large_system_hash() limits the table of connections to 512 Ki buckets, and half as many TIME_WAITs are allowed. */
const greatestDefault = 262_144;

export default scenario({
  title: 'Beyond tcp_max_tw_buckets no TIME_WAIT is kept',
  claim:
    'If there are already as many TIME_WAITs as tcp_max_tw_buckets allows, a connection that would enter TIME_WAIT is removed at once, and ' +
    'TCPTimeWaitOverflow counts it; the kernel log says nothing, and the default is at most 262,144.',
  source: ['ip-sysctl: tcp_max_tw_buckets', 'Linux: inet_twsk_alloc(), tcp_time_wait(), tcp_init()'],
  decides: ['C43'],
  needs: ['namespace'],
  needsFor: { C43: 'the kernel log cannot be read: run as root, or "sysctl kernel.dmesg_restrict=0"' },
  control: 'sysctl',
  parameters: { limit: integer(50, { min: 1, max: 10_000 }, 'set tcp_max_tw_buckets to n') },

  async run({ lab, expect, step, note, limit }) {
    await step('the default');
    const usual = Number(await lab.kernel.readSysctl(name));
    expect
      .value(name.replace('net.ipv4.', ''), usual, {
        refutes: 'C43/default',
        uncontrolled:
          'the kernel chose it when it booted: that it can be another value is shown by "TIME_WAITs", which is limited by one',
        // 2^19, as it was once, or what people round it to.
        otherwise: [500_000, 524_288],
        derived: lastRead('/proc/sys/net/ipv4/tcp_max_tw_buckets', 'tonumber'),
      })
      .between(1, greatestDefault);

    await step(`${limit} are allowed, and ${limit + 150} connections are closed`);
    await lab.kernel.sysctl(name, limit);
    const linesBefore = await lab.kernel.log(/time wait bucket/i);
    const counters = await lab.kernel.counters();
    const server = await lab.server({ shortConnections: { closer: 'server' } });
    await lab.load.churn({ to: server, connections: limit + 150 });
    expect
      .value('TIME_WAITs', await lab.load.timeWaits(), {
        supports: 'C43/destroyed',
        otherwise: { atLeast: limit + 100 },
        derived: lastRead('/proc/net/sockstat', '[scan("TCP:.* tw ([0-9]+)")[0] | tonumber] | add'),
      })
      .between(1, limit);
    expect
      .value('TCPTimeWaitOverflow', await counters.moved('TCPTimeWaitOverflow'), {
        supports: 'C43/destroyed',
      })
      .atLeast(1);

    const linesAfter = await lab.kernel.log(/time wait bucket/i);
    if (linesBefore === null || linesAfter === null) {
      note('this user cannot read the kernel log, so warnings are not checked');
    } else {
      const logged = linesAfter - linesBefore;
      expect
        .value('warnings in the kernel log', logged, {
          refutes: 'C43/logged',
          uncontrolled: 'an absence: that there was a reason for a warning is shown by "TCPTimeWaitOverflow"',
          otherwise: { atLeast: 1 },
          derived: {
            from: 'answers',
            jq: 'map(select(.params.path == "/dev/kmsg").result | length) | last - first',
          },
        })
        .equals(0);
    }
  },
});
