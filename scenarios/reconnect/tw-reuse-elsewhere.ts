import { scenario } from '../../src/index.ts';
import { limitClientPorts } from '../../src/kit/kit.ts';

export default scenario({
  title: 'Between two hosts tcp_tw_reuse = 2 does nothing',
  claim:
    'With tcp_tw_reuse at 2, its default, a client whose only port is in TIME_WAIT towards another host cannot connect there, ' +
    'though it could over loopback; with 1 it can.',
  source: ['ip-sysctl: tcp_tw_reuse', 'Linux: tcp_twsk_unique()'],
  decides: ['C33'],
  needs: ['two hosts'],
  control: 'sysctl',
  takes: 2,

  async run({ lab, expect, step }) {
    const delayMs = Number((await lab.kernel.readSysctl('net.ipv4.tcp_tw_reuse_delay')) ?? 1000);
    const port = await lab.freePort();
    await limitClientPorts(lab, 1, port);
    await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', 2);

    await step('the only port that the kernel can choose is in TIME_WAIT');
    const server = await lab.server({ conduct: 'reads' });
    const client = await lab.client(server);
    await client.end();
    await expect(client).state('TIME_WAIT');
    await lab.pass(delayMs + 300, 'tcp_tw_reuse_delay');

    await step('connected again, with 2 and with 1');
    const again = { process: client, name: 'client again' };
    await expect(lab.client(server, again), {
      refutes: 'C33/value 2 elsewhere',
      otherwise: 'connected',
    }).fails('connect', 'EADDRNOTAVAIL');
    await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', 1);
    await expect(lab.client(server, again), {
      without: 'last sysctl',
      supports: 'C33/value 1',
      otherwise: 'connect: EADDRNOTAVAIL',
    }).connects();
  },
});
