import { integer, scenario } from '../../src/index.ts';
import { keepTimeWaits } from '../../src/kit/kit.ts';

const megabyte = 1_000_000;
/** The struct of each object, and what its slabs are called. */
const timeWait = { struct: 'tcp_timewait_sock', slab: 'tw_sock_TCP' };
const ofPort = [
  { struct: 'inet_bind_bucket', slab: 'tcp_bind_bucket' },
  { struct: 'inet_bind2_bucket', slab: 'tcp_bind2_bucket' },
];

export default scenario({
  title: 'A TIME_WAIT takes more memory at a client than at a server',
  claim:
    'Ten thousand TIME_WAITs take about 2.5 MB at a server, where they share one port, and about twice as much at a client, where ' +
    'each has a port of its own.',
  source: [
    'Linux: struct tcp_timewait_sock, struct inet_bind_bucket, struct inet_bind2_bucket',
    'slabinfo(5), /sys/kernel/slab',
    'Documentation/bpf/btf.rst',
  ],
  decides: ['C39'],
  needs: ['namespace', 'kernel types'],
  control: 'churn',
  takes: 6,
  peers: 3,
  parameters: { timeWaits: integer(10_000, { min: 1000, max: 25_000 }, 'leave n TIME_WAITs') },

  async run({ lab, expect, step, note, timeWaits }) {
    await keepTimeWaits(lab);
    const structs = await lab.kernel.structSizes([timeWait, ...ofPort].map(({ struct }) => struct));
    // Without the right to read the slabs it is the struct alone, which is a little less.
    const sizeOf = async ({ struct, slab }: typeof timeWait) =>
      (await lab.kernel.objectSize(slab)) ?? structs.get(struct) ?? 0;
    const own = await sizeOf(timeWait);
    const port = (await sizeOf(ofPort[0] ?? timeWait)) + (await sizeOf(ofPort[1] ?? timeWait));
    note(`a TIME_WAIT takes ${own} bytes, and a port in use ${port}`);
    const expectMegabytes = ({ sockets, ports }: { sockets: number; ports: number }) =>
      expect.value(
        'MB for 10,000 of them',
        Number((((sockets * own + ports * port) / megabyte / sockets) * 10_000).toFixed(2)),
        {
          refutes: 'C39',
          uncontrolled:
            'without connections there is nothing to divide by: "ports that they occupy" shows that',
          otherwise: { atMost: 1.3 },
        },
      );

    await step(`${timeWaits} connections that the server closes first: TIME_WAITs that share its port`);
    const before = await lab.kernel.slab(timeWait.slab);
    const server = await lab.server({ shortConnections: { closer: 'server' } });
    await lab.load.churn({ to: server, connections: timeWaits });
    const after = await lab.kernel.slab(timeWait.slab);
    const atServer = (await lab.load.timeWaitsOf(server)).server;
    // If the kernel gives the client a port again, the new connection replaces the TIME_WAIT.
    expect.value('TIME_WAITs of the server', atServer.sockets).between(timeWaits / 2, timeWaits);
    expect.value('ports that they occupy', atServer.ports).equals(1);
    if (before !== null && after !== null)
      note(`in the slabs of the whole machine there are ${after.objects - before.objects} more of them`);
    expectMegabytes(atServer).between(2, 3.5);

    await step(`${timeWaits} that the client closes first: TIME_WAITs with a port each`);
    const other = await lab.server({ name: 'other server', shortConnections: { closer: 'client' } });
    await lab.load.churn({ to: other, connections: timeWaits });
    const atClient = (await lab.load.timeWaitsOf(other)).client;
    expect.value('TIME_WAITs of the client', atClient.sockets).between(timeWaits / 2, timeWaits);
    expect.value('ports that they occupy', atClient.ports).equals(atClient.sockets);
    expectMegabytes(atClient).between(3.5, 7);
  },
});
