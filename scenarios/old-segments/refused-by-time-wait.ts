import { type About, type Context, scenario } from '../../src/index.ts';
import { flagsOf } from '../../src/kit/kit.ts';

export default scenario({
  title: 'As long as TIME_WAIT lasts, the pair cannot be connected again',
  claim:
    'Without timestamps TIME_WAIT alone protects from old segments: until it has ended, the same two ports cannot be connected ' +
    'again, so no connection can take an old segment for a new one. With tcp_rfc1337 at 0, its default, an old segment ends it early.',
  source: ['RFC 9293 section 3.4.3', 'RFC 1337', 'Linux: tcp_twsk_unique(), tcp_timewait_state_process()'],
  decides: ['C30'],
  needs: ['packets'],
  control: 'sysctl',
  takes: 2,
  peers: 3,

  async run({ lab, expect, step, note }) {
    await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 0);

    // The RST for the closed end must not end TIME_WAIT early.
    await lab.kernel.sysctl('net.ipv4.tcp_rfc1337', 1);
    const under = await lab.kernel.settings('tcp_rfc1337');
    const kept = await refuseWhileItLasts({ lab, expect, step }, { supports: 'C30', under });
    await expect(kept.client, { without: 'last end', supports: 'C30', otherwise: 'gone', under }).stays(
      'TIME_WAIT',
      500,
    );
    await expect(kept.again(), {
      without: 'last sysctl',
      supports: 'C30',
      otherwise: 'connected',
      under,
    }).fails('connect', 'EADDRNOTAVAIL');

    await step('only TIME_WAIT is removed');
    if (await lab.kernel.canDestroySockets()) {
      await lab.kernel.destroySockets(kept.client);
      await expect(kept.again()).connects();
    } else note('this kernel cannot remove it: it was built without CONFIG_INET_DIAG_DESTROY');

    await lab.kernel.sysctl('net.ipv4.tcp_rfc1337', 0);
    const unprotected = await lab.kernel.settings('tcp_rfc1337');
    const lost = await refuseWhileItLasts({ lab, expect, step }, {});
    const about = { refutes: 'C30', under: unprotected } as const;
    await expect(lost.client, { without: 'last replay', ...about, otherwise: 'TIME_WAIT' }).gone();
    await expect(lost.again(), {
      without: 'last replay',
      ...about,
      otherwise: 'connect: EADDRNOTAVAIL',
    }).connects();
  },
});

/** A pair is left in TIME_WAIT at the client, cannot be connected again, and gets an old segment. */
async function refuseWhileItLasts({ lab, expect, step }: Omit<Context, 'note'>, about: About) {
  const setting = await lab.kernel.settings('tcp_rfc1337');
  await step(`${setting}: a connection sends something and ends, the client first`);
  const server = await lab.server();
  const localPort = await lab.freePort();
  const client = await lab.client(server, { localPort, reuseAddress: 'on' });
  await server.write('old news');
  await client.read(8);
  await client.end();
  await expect(client).state('FIN_WAIT2');
  await server.end();
  await expect(client).state('TIME_WAIT');
  await expect(server).gone();
  server.forget();

  await step('the same two ports, connected again');
  const again = () =>
    lab.client(server, { localPort, reuseAddress: 'on', process: client, name: 'new client' });
  await expect(again(), { ...about, otherwise: 'connected' }).fails('connect', 'EADDRNOTAVAIL');

  await step('an old segment arrives again: TIME_WAIT answers it');
  const { segments } = await lab.wire.captured(client);
  const old = segments.filter(({ sender, length }) => sender === 'server' && length > 0);
  await lab.wire.replay(old);
  const { segments: after } = await lab.wire.captured(
    client,
    (now) => now.segments.length > segments.length + 1,
  );
  const answers = after.slice(segments.length + old.length).filter(({ sender }) => sender === 'client');
  expect
    .value('it answers', flagsOf(answers[0]), {
      ...{ without: 'last replay', ...about },
      derived: {
        ...{ from: 'packets', of: client },
        jq: `.[${segments.length + old.length}:] | map(select(.sender == "client")) | first.flags | join(" ")`,
      },
    })
    .equals('ACK');
  return { client, again };
}
