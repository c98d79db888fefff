import { scenario } from '../../src/index.ts';
import { has } from '../../src/kit/kit.ts';

export default scenario({
  title: 'TIME_WAIT is assassinated, unless tcp_rfc1337 protects it',
  claim:
    'TIME_WAIT answers an old segment with an ACK, which the host of the closed end answers with a RST: with ' +
    'tcp_rfc1337 at 0 that RST ends TIME_WAIT early, with 1 it does not.',
  source: ['RFC 1337', 'ip-sysctl, tcp_rfc1337', 'Linux: tcp_timewait_state_process()'],
  decides: ['C21'],
  needs: ['packets'],
  control: 'replay',
  peers: 4,

  async run({ lab, expect, step }) {
    for (const protection of [0, 1]) {
      await lab.kernel.sysctl('net.ipv4.tcp_rfc1337', protection);

      await step(`tcp_rfc1337 is ${protection}: the server sends something, and the client closes first`);
      const server = await lab.server();
      const client = await lab.client(server);
      await server.write('hello');
      await client.read(5);
      await client.end();
      await expect(client).state('FIN_WAIT2');
      await server.end();
      await expect(client).state('TIME_WAIT');
      await expect(server).gone();

      await step('the segment of the server arrives again');
      const { segments } = await lab.wire.captured(client);
      const old = segments.filter(({ sender, length }) => sender === 'server' && length > 0);
      await lab.wire.replay(old);
      if (protection === 0) {
        await expect(client, {
          supports: 'C21/early',
          otherwise: 'TIME_WAIT',
          under: await lab.kernel.settings('tcp_rfc1337'),
        }).gone();
      } else {
        await lab.wire.captured(client, (now) => now.segments.some((segment) => has(segment, 'RST')));
        await expect(client, { without: 'last end', supports: 'C21/rfc1337', otherwise: 'gone' }).stays(
          'TIME_WAIT',
          500,
        );
      }
      const after = (await lab.wire.captured(client)).segments.slice(segments.length);
      const told = after.map(({ sender, flags }) => `${sender} ${flags.join(' ')}`).join(', ');
      expect
        .value('what passed', told, { segments: { of: client, after: segments.length, shown: 'flags' } })
        .equals('server PSH ACK, client ACK, server RST');
    }
  },
});
