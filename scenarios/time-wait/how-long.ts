import { scenario } from '../../src/index.ts';
import { bindAfter } from '../../src/kit/kit.ts';

export default scenario({
  title: 'TIME_WAIT keeps the port of a server for 60 s',
  claim:
    'A server without SO_REUSEADDR can bind its port again 60 s after the close, and not earlier: MSL is 30 s on Linux.',
  source: ['RFC 9293 section 3.4.2 (MSL)', 'Linux: TCP_TIMEWAIT_LEN in include/net/tcp.h'],
  decides: ['C04', 'C05', 'C56'],
  control: 'end',
  takes: 65,
  slow: 'it waits for the end of TIME_WAIT, about a minute',
  peers: 4,

  async run({ lab, expect, step }) {
    await step('a server without SO_REUSEADDR closes first');
    const server = await lab.server({ reuseAddress: 'off' });
    const client = await lab.client(server);
    const closedAt = performance.now();
    await server.end();
    await client.end();
    await expect(server).state('TIME_WAIT');
    await server.kill('SIGKILL');
    const again = { name: 'restarted server', port: server.port, reuseAddress: 'off' } as const;
    await expect(lab.server(again)).fails('bind', 'EADDRINUSE');

    await step('it is started again and again');
    const waitedMs = await lab.untilBindPasses(server, closedAt);
    expect
      .span('bind succeeded after', waitedMs, {
        refutes: 'C04',
        otherwise: { atMost: 40_000 },
        derived: bindAfter(closedAt),
        without: 'end 1',
      })
      .atLeast(45_000);
    expect
      .span('bind succeeded after', waitedMs, {
        supports: 'C05',
        otherwise: { atMost: 59_000 },
        derived: bindAfter(closedAt),
        without: 'end 1',
      })
      .between(60_000, 240_000);
    expect
      .span('MSL, half of it', waitedMs / 2, {
        supports: 'C56/here',
        otherwise: { atMost: 29_000 },
        derived: bindAfter(closedAt, 0.5),
        without: 'end 1',
      })
      .between(30_000, 120_000);
    await expect(lab.server(again)).serves();
  },
});
