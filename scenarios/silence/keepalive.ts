import { integer, scenario } from '../../src/index.ts';

export default scenario({
  title: 'Only keepalive or a heartbeat notices a silent peer',
  claim:
    'A connection that neither sends nor has keepalive on notices nothing when the other host is gone: it stays ESTABLISHED ' +
    'without any timer; with SO_KEEPALIVE, or if it sends, it is given up with ETIMEDOUT.',
  source: ['RFC 9293 section 3.8.4', 'tcp(7), TCP_KEEPIDLE', 'Linux: tcp_keepalive_timer()'],
  decides: ['C55'],
  needs: ['namespace'],
  control: 'deafen',
  takes: 4,
  peers: 4,
  parameters: {
    probes: integer(2, { min: 1, max: 10 }, 'send n keepalive probes (TCP_KEEPCNT), one a second'),
  },

  async run({ lab, expect, step, probes }) {
    await lab.kernel.sysctl('net.ipv4.tcp_retries2', 1);
    const server = await lab.server();
    const silent = await lab.client(server, { name: 'silent' });
    const keepalive = { SO_KEEPALIVE: 1, TCP_KEEPIDLE: 1, TCP_KEEPINTVL: 1, TCP_KEEPCNT: probes };
    const probing = await lab.client(server, { name: 'with keepalive', options: keepalive });
    const beating = await lab.client(server, { name: 'with a heartbeat' });
    await expect(probing).state('ESTABLISHED', { timer: 'keepalive' });
    await expect(silent).state('ESTABLISHED', { timer: 'none' });

    await step("the server's host is gone: nothing arrives there");
    const counters = await lab.kernel.counters();
    await server.deafen('everything');
    await beating.write('.');

    await step('who notices');
    await expect(beating, { supports: 'C55/heartbeat', otherwise: 'ESTABLISHED' }).gone();
    await expect(probing, { supports: 'C55/keepalive', otherwise: 'ESTABLISHED' }).gone(
      probes * 1000 + 20_000,
    );
    await expect(silent, {
      uncontrolled:
        'nothing happens: that the same silence ends others is shown by "with keepalive" and "with a heartbeat"',
      supports: 'C55/neither',
      otherwise: 'gone',
    }).state('ESTABLISHED', {
      timer: 'none',
    });
    expect.value('TCPKeepAlive', await counters.moved('TCPKeepAlive')).atLeast(probes);
    await expect(beating, { title: 'send, heartbeat', supports: 'C55/heartbeat', otherwise: 'a byte' }).sends(
      'ETIMEDOUT',
    );
    await expect(probing, { title: 'send, keepalive', supports: 'C55/keepalive', otherwise: 'a byte' }).sends(
      'ETIMEDOUT',
    );
    await expect(silent, {
      title: 'receive, silent',
      uncontrolled:
        'nothing arrives: that the same silence ends others is shown by "send, keepalive" and "send, heartbeat"',
      supports: 'C55/neither',
      otherwise: 'ETIMEDOUT',
    }).reads('EAGAIN');
  },
});
