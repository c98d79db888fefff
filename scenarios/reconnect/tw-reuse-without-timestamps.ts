import { scenario } from '../../src/index.ts';
import { limitClientPorts } from '../../src/kit/kit.ts';

export default scenario({
  title: 'Without timestamps tcp_tw_reuse does nothing',
  claim:
    'If the connection had no timestamps, its port in TIME_WAIT is not reused, whatever tcp_tw_reuse says, however long ago it ' +
    'ended, and even if the sequence numbers of the kernel have moved on: connect fails with EADDRNOTAVAIL, also from a bound port.',
  source: ['ip-sysctl: tcp_timestamps, tcp_tw_reuse', 'Linux: tcp_twsk_unique()'],
  decides: ['C32', 'C33'],
  needs: ['namespace'],
  control: 'sysctl',
  takes: 2,

  async run({ lab, expect, step }) {
    const delayMs = Number((await lab.kernel.readSysctl('net.ipv4.tcp_tw_reuse_delay')) ?? 1000);
    const port = await lab.freePort();
    await limitClientPorts(lab, 1, port);
    await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 0);
    const server = await lab.server({ conduct: 'reads' });

    await step('two TIME_WAITs: of a port that the kernel chose, and of a bound one');
    const chosen = await lab.client(server, { name: 'chosen' });
    const process = chosen;
    const localPort = await lab.freePort();
    const bound = await lab.client(server, { process, name: 'bound', localPort, reuseAddress: 'on' });
    await chosen.end();
    await bound.end();
    await expect(chosen).state('TIME_WAIT');
    await expect(bound).state('TIME_WAIT');
    await lab.pass(delayMs + 300, 'tcp_tw_reuse_delay');

    const again = { process, name: 'client again' };
    for (const value of [0, 1, 2]) {
      await step(`connected again with tcp_tw_reuse = ${value}`);
      await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', value);
      const anew = lab.client(server, again);
      await expect(anew, { supports: 'C32', refutes: 'C33/ISN alone' }).fails('connect', 'EADDRNOTAVAIL');
      const boundAnew = lab.client(server, { ...again, localPort, reuseAddress: 'on' });
      await expect(boundAnew, { refutes: 'C33/ISN alone' }).fails('connect', 'EADDRNOTAVAIL');
    }
  },
});
