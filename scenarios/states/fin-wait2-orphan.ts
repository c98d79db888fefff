import { integer, scenario } from '../../src/index.ts';

export default scenario({
  title: 'Only an orphaned FIN_WAIT2 is given up',
  claim:
    'tcp_fin_timeout limits FIN_WAIT2 only once the process has closed the socket; as long as a process holds it, ' +
    'FIN_WAIT2 has no timer and stays.',
  source: ['ip-sysctl: tcp_fin_timeout', 'tcp(7)', 'Linux: tcp_close(), tcp_time_wait()'],
  decides: ['C28'],
  needs: ['namespace'],
  control: 'destroy',
  takes: 4.5,
  parameters: { seconds: integer(3, { min: 1, max: 30 }, 'tcp_fin_timeout') },

  async run({ lab, expect, step, seconds }) {
    await lab.kernel.sysctl('net.ipv4.tcp_fin_timeout', seconds);

    await step('two clients end; one closes its socket, the other holds it');
    const server = await lab.server();
    const orphan = await lab.client(server, { name: 'orphan' });
    const held = await lab.client(server, { name: 'held' });
    await held.end();
    await orphan.destroy();
    const [row] = await expect(orphan, { supports: 'C28' }).state('FIN_WAIT2', {
      process: 'none',
      timer: 'timewait',
    });
    expect
      .span('time left for the orphan', row?.timer?.leftMs ?? Number.NaN, { supports: 'C28' })
      .between(0, seconds * 1000);
    await expect(held, { supports: 'C28' }).state('FIN_WAIT2', { process: held, timer: 'none' });

    await step(`${seconds} s later`);
    await expect(orphan, { supports: 'C28' }).gone(seconds * 1000 + 10_000);
    await expect(held, { supports: 'C28' }).stays('FIN_WAIT2', 1000, { process: held, timer: 'none' });
  },
});
