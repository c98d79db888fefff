import { scenario, signalName } from '../../src/index.ts';
import { endingOf, howEnded } from '../../src/kit/kit.ts';

export default scenario({
  title: 'A process that dies with unread data resets the connection',
  claim:
    'If a process dies with unread data, its kernel sends RST instead of FIN: the other side gets ' +
    'ECONNRESET, and neither side keeps anything, not even TIME_WAIT.',
  source: ['RFC 1122 section 4.2.2.13', 'RFC 2525 section 2.17', 'Linux: tcp_close()'],
  decides: ['C51', 'C52'],
  needs: ['packets'],
  control: 'write',
  parameters: { signal: signalName('SIGKILL', 'kill with this signal') },

  async run({ lab, expect, step, signal }) {
    await step('a client sends a byte that the server never reads');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.write('x');
    await expect(server).receives(1);

    await step(`${signal} kills the server`);
    expect.value('its process', howEnded(await server.kill(signal))).equals(signal);
    await expect(server).gone();
    await expect(client).gone();
    const ending = await endingOf(lab, client);
    expect
      .value('FINs and RSTs that were captured', ending, {
        supports: 'C51/RST',
        otherwise: 'server FIN',
        segments: { of: client, shown: 'endings' },
      })
      .equals('server RST');
    await expect(client, {
      refutes: ['C52/kill', 'C52/unread'],
      otherwise: 'end',
      under: 'data unread',
    }).reads('ECONNRESET');
  },
});
