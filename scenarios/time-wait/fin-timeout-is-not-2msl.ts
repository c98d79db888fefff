import { integer, scenario } from '../../src/index.ts';
import { answersOf } from '../../src/kit/kit.ts';

export default scenario({
  title: 'tcp_fin_timeout does not shorten TIME_WAIT',
  claim:
    'With tcp_fin_timeout at a few seconds TIME_WAIT still lasts its whole minute, a constant of the kernel; what ' +
    'the setting limits is the orphaned FIN_WAIT2.',
  source: ['ip-sysctl: tcp_fin_timeout', 'Linux: TCP_TIMEWAIT_LEN in include/net/tcp.h'],
  decides: ['C17'],
  needs: ['namespace'],
  control: 'sysctl',
  takes: 3.5,
  peers: 4,
  parameters: { seconds: integer(3, { min: 1, max: 30 }, 'set tcp_fin_timeout to n seconds') },

  async run({ lab, expect, step, seconds }) {
    await lab.kernel.sysctl('net.ipv4.tcp_fin_timeout', seconds);
    const limitMs = seconds * 1000;

    await step('a TIME_WAIT, and an orphaned FIN_WAIT2');
    const server = await lab.server({ conduct: 'reads' });
    const client = await lab.client(server);
    const closedAt = performance.now();
    await client.end();
    await expect(client).state('TIME_WAIT', { timer: 'timewait' });
    const left = await client.measure.timerLeft();
    const whole = { leastMs: left, mostMs: left + performance.now() - closedAt };
    const silent = await lab.server({ name: 'silent server' });
    const orphan = await lab.client(silent, { name: 'orphan' });
    await orphan.destroy();
    const [orphaned] = await expect(orphan).state('FIN_WAIT2', { process: 'none' });
    expect
      .span('TIME_WAIT in all', whole, {
        uncontrolled:
          'the setting changes nothing here, with it or without: that it was made is shown by "left for the orphan"',
        refutes: 'C17',
        otherwise: { atMost: limitMs + 2000 },
        derived: {
          from: 'answers',
          jq: `${answersOf(client, 'lookUp')} | last | [.result.leftMs, .result.leftMs + .answeredMs - ${closedAt}]`,
        },
      })
      .atLeast(limitMs + 20_000);
    expect.span('left for the orphan', orphaned?.timer?.leftMs ?? Number.NaN).atMost(limitMs);

    await step(`${seconds} s later`);
    await expect(orphan).gone(limitMs + 10_000);
    await expect(client, {
      uncontrolled:
        'the setting changes nothing here, with it or without: that it was made is shown by "orphan"',
      refutes: 'C17',
      otherwise: 'gone',
    }).state('TIME_WAIT', { withinMs: 0 });
  },
});
