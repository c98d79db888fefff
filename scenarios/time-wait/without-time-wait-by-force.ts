import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'Root can avoid TIME_WAIT in two more ways, and end it at once',
  claim:
    'An active closer does not enter TIME_WAIT if tcp_max_tw_buckets is used up, or if its orphaned FIN_WAIT2 is given up before ' +
    'the other side closes; a TIME_WAIT that is destroyed in the kernel is gone at once.',
  source: [
    'ip-sysctl: tcp_max_tw_buckets, tcp_fin_timeout',
    'ss(8), -K',
    'Linux: tcp_time_wait(), tcp_diag_destroy()',
  ],
  decides: ['C18'],
  needs: ['namespace', 'socket destruction'],
  control: 'sysctl',
  takes: 3.5,
  peers: 5,

  async run({ lab, expect, step }) {
    const server = await lab.server({ conduct: 'reads' });

    await step('destroyed by the kernel');
    const client = await lab.client(server);
    await client.end();
    await expect(client).state('TIME_WAIT');
    await lab.kernel.destroySockets(client);
    await expect(client, {
      without: 'last destroy in kernel',
      supports: 'C18/destroyed',
      otherwise: 'TIME_WAIT',
    }).gone();

    await step('tcp_max_tw_buckets = 0');
    await lab.kernel.sysctl('net.ipv4.tcp_max_tw_buckets', 0);
    const unlucky = await lab.client(server, { name: 'unlucky client' });
    await unlucky.end();
    await expect(unlucky, {
      refutes: 'C18',
      supports: 'C18/no buckets',
    }).gone();
    await lab.kernel.sysctl('net.ipv4.tcp_max_tw_buckets', 10_000);

    await step('tcp_fin_timeout = 3, and a server that does not close');
    await lab.kernel.sysctl('net.ipv4.tcp_fin_timeout', 3);
    const patient = await lab.server({ name: 'patient server' });
    const orphan = await lab.client(patient, { name: 'orphan' });
    await orphan.destroy();
    await expect(orphan).state('FIN_WAIT2', { process: 'none' });
    await expect(orphan, {
      refutes: 'C18',
      supports: 'C18/orphan timeout',
    }).gone();
  },
});
