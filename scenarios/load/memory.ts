import { integer, scenario } from '../../src/index.ts';
import { keepTimeWaits } from '../../src/kit/kit.ts';

const megabyte = 1_000_000;

export default scenario({
  title: 'How much memory TIME_WAITs take, at the server and at the client',
  claim:
    'Ten thousand TIME_WAITs take about 2.5 MB at a server, and more at a client, where each has a port of its own.',
  source: [
    'Linux: struct tcp_timewait_sock, struct inet_bind_bucket, struct inet_bind2_bucket',
    'Documentation/bpf/btf.rst',
  ],
  decides: ['C39'],
  needs: ['namespace', 'kernel types'],
  control: 'churn',
  takes: 4,
  peers: 3,
  parameters: { timeWaits: integer(10_000, { min: 1000, max: 25_000 }, 'how many') },

  async run({ lab, expect, step, note, timeWaits }) {
    await keepTimeWaits(lab);
    const sizes = await lab.kernel.structSizes([
      'tcp_timewait_sock',
      'inet_bind_bucket',
      'inet_bind2_bucket',
    ]);
    const sizeOf = (name: string) => sizes.get(name) ?? 0;
    const own = sizeOf('tcp_timewait_sock');
    const ports = sizeOf('inet_bind_bucket') + sizeOf('inet_bind2_bucket');
    const megabytes = (count: number, bytes: number) => Number(((count * bytes) / megabyte).toFixed(2));

    await step(`${timeWaits} connections that the server closes first: TIME_WAITs that share its port`);
    const before = await lab.kernel.slab('tw_sock_TCP');
    const server = await lab.server({ shortConnections: { closer: 'server' } });
    await lab.load.churn({ to: server, connections: timeWaits });
    const atServer = await lab.load.timeWaits();
    // If the kernel gives the client a port again, the new connection replaces the TIME_WAIT.
    expect.value('TIME_WAITs', atServer).between(timeWaits / 2, timeWaits);
    note(`each is a struct tcp_timewait_sock of ${own} bytes: ${megabytes(atServer, own)} MB`);
    const after = await lab.kernel.slab('tw_sock_TCP');
    if (before !== null && after !== null) {
      const came = after.objects - before.objects;
      note(`in the slabs of the whole machine there are ${came} more of them, of ${after.size} bytes`);
    }
    expect.value('MB for 10,000', megabytes(10_000, own), { refutes: 'C39' }).atLeast(1.5);

    await step(`${timeWaits} that the client closes first: TIME_WAITs with a port each`);
    const other = await lab.server({
      name: 'other server',
      shortConnections: { closer: 'client' },
    });
    await lab.load.churn({ to: other, connections: timeWaits });
    const atClient = (await lab.load.timeWaits()) - atServer;
    expect.value('TIME_WAITs', atClient).between(timeWaits / 2, timeWaits);
    note(
      `with each go ${ports} bytes of struct inet_bind_bucket and struct inet_bind2_bucket: ` +
        `${megabytes(atClient, own + ports)} MB`,
    );
    expect.value('MB for 10,000', megabytes(10_000, own + ports), { refutes: 'C39' }).atLeast(2.5);
  },
});
