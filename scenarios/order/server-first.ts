import { flag, integer, scenario, signalName } from '../../src/index.ts';
import { bindAfter } from '../../src/kit/kit.ts';

/** Why nothing can be left out that would let a bind pass. */
const uncontrolled =
  'it fails while the old server lives, too: that the port can be bound is shown by "with SO_REUSEADDR", which serves';

export default scenario({
  title: 'The side that closes first keeps the port',
  claim:
    'Kill a server while a client is connected, and its port stays occupied, first by FIN_WAIT2 and then by ' +
    'TIME_WAIT: a bind succeeds only if both the old and the new socket have SO_REUSEADDR, or both ' +
    'SO_REUSEPORT.',
  source: ['RFC 9293 section 3.6', 'socket(7), SO_REUSEADDR', 'Linux: inet_bind_conflict(), tcp_time_wait()'],
  decides: ['C01', 'C02', 'C03', 'C04', 'C05', 'C06'],
  control: 'kill',
  peers: 8,
  parameters: {
    signal: signalName('SIGINT', 'kill with this signal'),
    clients: integer(1, { min: 1, max: 1000 }, 'open n connections from the client'),
    wait: flag('wait for the end of TIME_WAIT, about a minute, and report when bind succeeds'),
  },

  async run({ lab, expect, step, signal, clients, wait }) {
    await step('a server without SO_REUSEADDR listens, and a client connects');
    const server = await lab.server({ reuseAddress: 'off' });
    const client = await lab.client(server, { connections: clients });
    const again = { name: 'restarted server', port: server.port };
    const plain = { otherwise: 'listening', under: 'SO_REUSEADDR off' } as const;
    const reused = { otherwise: 'bind: EADDRINUSE', under: 'SO_REUSEADDR on at both servers' } as const;
    await expect(server).state('ESTABLISHED', { process: server });
    await expect(client).state('ESTABLISHED', { process: client });

    await step(`${signal} kills the server: its kernel sends FIN`);
    await server.kill(signal);
    await expect(server, { supports: 'C02/server', otherwise: 'gone' }).state('FIN_WAIT2', {
      process: 'none',
    });
    await expect(client, { supports: 'C02/client', otherwise: ['gone', 'ESTABLISHED'] }).state('CLOSE_WAIT', {
      process: client,
    });

    await step('the server is started again over FIN_WAIT2');
    await expect(lab.server({ ...again, reuseAddress: 'off' }), {
      supports: 'C01',
      ...plain,
      uncontrolled,
    }).fails('bind', 'EADDRINUSE');
    await expect(lab.server({ ...again, reuseAddress: 'on' }), {
      note: 'the old server had not set it',
    }).fails('bind', 'EADDRINUSE');

    await step(`${signal} kills the client, too: its kernel sends the second FIN`);
    await client.kill(signal);
    const closedAt = performance.now();
    await expect(server, { supports: 'C03/TIME_WAIT', otherwise: 'gone' }).state('TIME_WAIT', {
      process: 'none',
    });
    await expect(client).gone();

    await step('the server is started again over TIME_WAIT');
    await expect(lab.server({ ...again, reuseAddress: 'off' }), {
      supports: 'C03/bind',
      ...plain,
      uncontrolled,
    }).fails('bind', 'EADDRINUSE');
    await expect(lab.server({ ...again, reuseAddress: 'on' }), {
      refutes: 'C06/new only',
      uncontrolled,
      otherwise: 'listening',
      note: 'the old server had not set it',
    }).fails('bind', 'EADDRINUSE');

    await step('the same on another port, with SO_REUSEADDR on the first server as well');
    const reusing = await lab.server({ name: 'second server', reuseAddress: 'on' });
    const stayer = await lab.client(reusing, { name: 'second client', connections: clients });
    const reusingAgain = { name: 'restarted server', port: reusing.port };
    await reusing.kill(signal);
    await expect(reusing).state('FIN_WAIT2', { process: 'none' });

    await step('started again over FIN_WAIT2');
    await expect(lab.server({ ...reusingAgain, reuseAddress: 'off' })).fails('bind', 'EADDRINUSE');
    const early = await expect(lab.server({ ...reusingAgain, reuseAddress: 'on' }), {
      refutes: 'C01',
      ...reused,
    }).serves();
    await early.client.kill('SIGKILL');
    await early.server.kill('SIGKILL');

    await step('started again over TIME_WAIT');
    await stayer.kill(signal);
    await expect(reusing).state('TIME_WAIT', { process: 'none' });
    await expect(lab.server({ ...reusingAgain, reuseAddress: 'off' })).fails('bind', 'EADDRINUSE');
    await expect(lab.server({ ...reusingAgain, reuseAddress: 'on' }), {
      // That of the server which was started over FIN_WAIT2.
      without: 'kill 5',
      supports: 'C06',
      refutes: ['C03/bind', 'C05'],
      // If it failed, that would not say for how long.
      under: reused.under,
    }).serves();

    if (!wait) return;
    await step('how long it takes until a bind without SO_REUSEADDR succeeds');
    const waitedMs = await lab.untilBindPasses(server, closedAt);
    expect
      .span('bind succeeded after', waitedMs, {
        refutes: 'C04',
        otherwise: { atMost: 40_000 },
        derived: bindAfter(closedAt),
      })
      .atLeast(45_000);
    expect
      .span('bind succeeded after', waitedMs, {
        supports: 'C05',
        otherwise: { atMost: 59_000 },
        derived: bindAfter(closedAt),
      })
      .between(60_000, 240_000);
    await expect(lab.server({ ...again, reuseAddress: 'off' })).serves();
  },
});
