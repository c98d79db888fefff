import { type Client, type Context, type Server, scenario } from '../../src/index.ts';
import { flagsOf, has } from '../../src/kit/kit.ts';

export default scenario({
  title: 'Without TIME_WAIT a RST answers the repeated FIN',
  claim:
    'If no TIME_WAIT is there when the passive side repeats its FIN, a RST answers it: LAST_ACK ends in an error, which shows at ' +
    'the next send and never in a read. This is the same if TIME_WAIT was destroyed, if there was no bucket for it, and after linger 0.',
  source: ['RFC 9293 section 3.6.1', 'Linux: tcp_reset(), tcp_sendmsg_locked()'],
  decides: ['C15'],
  needs: ['packets', 'socket destruction'],
  control: 'deafen',
  takes: 2,
  peers: 6,

  async run({ lab, expect, step }) {
    const halfClosed = async (name: string) => {
      const server = await lab.server({ name: `server, ${name}` });
      const client = await lab.client(server, { name: `client, ${name}` });
      await client.end();
      await expect(client).state('FIN_WAIT2');
      return { server, client };
    };

    await step('TIME_WAIT is destroyed');
    const first = await halfClosed('destroyed');
    await first.server.deafen('bare ACKs');
    await first.server.shutdown('write');
    await expect(first.client).state('TIME_WAIT');
    await expect(first.server).state('LAST_ACK');
    await lab.kernel.destroySockets(first.client);
    await isReset({ lab, expect }, first, 'last destroy in kernel');

    await step('there is no bucket for TIME_WAIT');
    await lab.kernel.sysctl('net.ipv4.tcp_max_tw_buckets', 0);
    const second = await halfClosed('no bucket');
    await second.server.deafen('bare ACKs');
    await second.server.shutdown('write');
    await isReset({ lab, expect }, second, 'last shutdown');
    await lab.kernel.sysctl('net.ipv4.tcp_max_tw_buckets', 10_000);

    await step('the client closes with linger 0, and its own RST is lost');
    const third = await halfClosed('linger 0');
    await third.server.deafen('everything');
    await third.client.linger(0);
    await third.client.destroy();
    await third.server.shutdown('write');
    await expect(third.server).state('LAST_ACK');
    await third.server.hear();
    await isReset({ lab, expect }, third, 'last hear');
  },
});

/** The FIN of the server is repeated until a RST answers it. */
async function isReset(
  { lab, expect }: Pick<Context, 'lab' | 'expect'>,
  { server, client }: { server: Server; client: Client },
  without: 'last destroy in kernel' | 'last shutdown' | 'last hear',
): Promise<void> {
  await expect(client).gone();
  await expect(server, { supports: 'C15/RST', otherwise: 'LAST_ACK', without }).gone();
  const { segments } = await lab.wire.captured(client);
  const fins = segments.flatMap((segment, i) =>
    segment.sender === 'server' && has(segment, 'FIN') ? [i] : [],
  );
  expect.value('FINs of the server', fins.length).atLeast(2);
  const last = fins.at(-1) ?? segments.length;
  const answer = segments.slice(last + 1).find(({ sender }) => sender === 'client');
  expect
    .value('the answer to the last of them', flagsOf(answer), {
      without: without === 'last hear' ? 'last shutdown' : without,
      supports: 'C15/RST',
      otherwise: ['ACK', 'nothing'],
      segments: {
        of: client,
        after: last + 1,
        until: segments.length,
        filter: `tcp.dstport == ${server.port}`,
        shown: 'flags of the first',
      },
    })
    .equals('RST');
  await expect(server, {
    without: 'last end',
    title: 'its read',
    refutes: 'C15/read',
    otherwise: 'ECONNRESET',
  }).reads('end');
  await expect(server, {
    without: 'last send',
    title: 'its first send',
    supports: 'C15/error',
    otherwise: ['EPIPE', 'a byte'],
  }).sends('ECONNRESET');
  await expect(server, { title: 'its second send' }).sends('EPIPE');
}
