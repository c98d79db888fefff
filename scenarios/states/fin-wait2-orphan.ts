import { integer, scenario } from '../../src/index.ts';
import { answersOf } from '../../src/kit/kit.ts';

export default scenario({
  title: 'Only an orphaned FIN_WAIT2 is given up',
  claim:
    'FIN_WAIT2 is given up tcp_fin_timeout after its process has closed the socket, not earlier and not much later; as long as a ' +
    'process holds it, FIN_WAIT2 has no timer and stays.',
  source: ['ip-sysctl: tcp_fin_timeout', 'tcp(7)', 'Linux: tcp_close(), tcp_time_wait()'],
  decides: ['C28'],
  needs: ['namespace'],
  control: 'destroy',
  takes: 4.5,
  parameters: { seconds: integer(3, { min: 1, max: 30 }, 'set tcp_fin_timeout to n seconds') },

  async run({ lab, expect, step, seconds }) {
    await lab.kernel.sysctl('net.ipv4.tcp_fin_timeout', seconds);
    const limitMs = seconds * 1000;

    await step('two clients end; one closes its socket, the other holds it');
    const server = await lab.server();
    const orphan = await lab.client(server, { name: 'orphan' });
    const held = await lab.client(server, { name: 'held' });
    await held.end();
    const closedAt = performance.now();
    const watching = orphan.measure.untilGone(limitMs + 30_000);
    // The run may end before it is awaited.
    watching.catch(() => {});
    await orphan.destroy();
    // The watch began between the two.
    const spentMs = performance.now() - closedAt;
    const [row] = await expect(orphan, { supports: 'C28/orphaned', otherwise: 'gone' }).state('FIN_WAIT2', {
      process: 'none',
    });
    expect
      .span('time left for the orphan', row?.timer?.leftMs ?? Number.NaN, {
        without: 'last sysctl',
        supports: 'C28/orphaned',
        derived: { from: 'table', of: orphan, jq: 'first.leftMs | [., .]' },
      })
      .between(0, limitMs);
    await expect(held, { without: 'last end', supports: 'C28/held', otherwise: 'gone' }).state('FIN_WAIT2', {
      process: held,
      timer: 'none',
    });

    await step(`${seconds} s later`);
    const { leastMs, mostMs } = await watching;
    const lasted = { leastMs: leastMs - spentMs, mostMs };
    expect
      .span('given up after', lasted, {
        supports: 'C28/orphaned',
        uncontrolled:
          'without the setting it takes a minute, and the run ends before: "time left for the orphan" shows that it matters',
        otherwise: { atLeast: limitMs * 2 },
        derived: {
          from: 'answers',
          jq: `${answersOf(orphan, 'untilGone')} | last.result | [.leastMs - ${spentMs}, .mostMs]`,
        },
      })
      .between(limitMs * 0.8, limitMs * 1.3);
    await expect(held, { without: 'last end', supports: 'C28/held', otherwise: 'gone' }).stays(
      'FIN_WAIT2',
      1000,
      {
        process: held,
        timer: 'none',
      },
    );
  },
});
