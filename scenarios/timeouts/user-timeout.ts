import { integer, scenario } from '../../src/index.ts';
import { behindZeroWindow } from '../../src/kit/kit.ts';

export default scenario({
  title: 'TCP_USER_TIMEOUT ends a connection that gets no answer',
  claim:
    'If sent data stays unacknowledged longer than TCP_USER_TIMEOUT, the kernel gives up the connection: it is gone at ' +
    'once, the next call gets ETIMEDOUT, and the one after that EPIPE.',
  source: ['tcp(7), TCP_USER_TIMEOUT', 'RFC 5482', 'Linux: tcp_probe_timer(), tcp_write_timeout()'],
  decides: ['C19'],
  control: 'set option',
  takes: 3.5,
  parameters: { milliseconds: integer(3000, { min: 100, max: 60_000 }, 'the timeout') },

  async run({ lab, expect, step, milliseconds }) {
    await step('a server that does not read, and a client that sends more than fits');
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server, { options: behindZeroWindow });
    await client.setOption('TCP_USER_TIMEOUT', milliseconds);
    const startedAt = performance.now();
    await client.fill();
    await expect(client).state('ESTABLISHED', { timer: 'persist' });

    await step('the timeout passes');
    await expect(client, { supports: 'C19/retransmission' }).gone(milliseconds * 2 + 10_000);
    expect.span('given up after', performance.now() - startedAt).atLeast(milliseconds);
    await expect(client, { title: 'the next send', supports: 'C19/retransmission' }).sends('ETIMEDOUT');
    await expect(client, { title: 'and the next' }).sends('EPIPE');
  },
});
