import { integer, scenario } from '../../src/index.ts';

export default scenario({
  title: 'The FIN is lost, and the other side never learns of the close',
  claim:
    'A FIN without an answer is retransmitted until tcp_orphan_retries is used up; then nothing is left of the closed side, not ' +
    'even TIME_WAIT, and the other side stays ESTABLISHED, without any timer, until it sends.',
  source: ['RFC 9293 section 3.6', 'ip-sysctl: tcp_orphan_retries', 'Linux: tcp_write_timeout()'],
  decides: ['C55'],
  needs: ['namespace'],
  control: 'deafen',
  takes: 3.5,
  parameters: { retries: integer(2, { min: 1, max: 4 }, 'set tcp_orphan_retries to n') },

  async run({ lab, expect, step, retries }) {
    await lab.kernel.sysctl('net.ipv4.tcp_orphan_retries', retries);
    const server = await lab.server();
    const client = await lab.client(server);

    await step('the client closes; its FIN does not arrive');
    await server.deafen('everything');
    await client.destroy();
    await expect(client).state('FIN_WAIT1', { process: 'none', timer: 'on', retransmits: 1 });
    await expect(server).state('ESTABLISHED', { timer: 'none' });

    await step('it is retransmitted for nothing, and given up');
    await expect(client).gone(30_000);
    await server.hear();
    await expect(server, {
      uncontrolled:
        'nothing happens: that a FIN which arrives is noticed is shown by "server", if it is not lost',
      supports: 'C55/neither',
      otherwise: 'gone',
    }).stays('ESTABLISHED', 500, {
      timer: 'none',
    });
    await expect(server, {
      uncontrolled:
        'nothing arrives: that a FIN which arrives is noticed is shown by "server", if it is not lost',
      supports: 'C55/neither',
      otherwise: 'ETIMEDOUT',
    }).reads('EAGAIN');

    await step('the server sends: a RST comes back, because the connection is gone there');
    const sent = await server.send('anybody there?');
    expect.value('the first send, bytes', sent.bytes).equals(14);
    await expect(server).gone();
    await expect(server, { title: 'the next send' }).sends('ECONNRESET');
  },
});
