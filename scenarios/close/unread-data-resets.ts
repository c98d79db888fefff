import { scenario } from '../../src/index.ts';
import { behindZeroWindow, endingOf, lastReceived, sumOfAnswers } from '../../src/kit/kit.ts';

export default scenario({
  title: 'A close with unread data sends RST, and sent data may be lost',
  claim:
    'If one byte is unread when a side closes, its kernel sends RST instead of FIN: data that it had sent and the other ' +
    'side had not received is discarded.',
  source: ['RFC 1122 section 4.2.2.13', 'RFC 2525 section 2.17', 'Linux: __tcp_close()'],
  decides: ['C50', 'C51'],
  needs: ['packets'],
  control: 'write',

  async run({ lab, expect, step }) {
    await step(
      'both have sent: the server a byte that the client does not read, the client as much as the kernel accepts',
    );
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server, { options: behindZeroWindow });
    await server.write('x');
    await expect(client).receives(1);
    const written = await client.fill();

    await step('the client closes');
    await client.destroy();
    await expect(client).gone();
    await expect(server).gone();
    const ending = await endingOf(lab, client);
    expect
      .value('FINs and RSTs that were captured', ending, {
        supports: 'C51/RST',
        otherwise: 'client FIN',
        segments: { of: client, shown: 'endings' },
      })
      .equals('client RST');

    await step('what the server still gets');
    const { bytes, end } = await server.receiveAll();
    expect
      .value('bytes read', bytes, {
        supports: 'C51/lost',
        otherwise: written,
        derived: sumOfAnswers(server, 'receive', 'bytes'),
      })
      .atMost(written - 1);
    expect
      .value('bytes lost', written - bytes, {
        refutes: ['C50', 'C50/unread data'],
        otherwise: 0,
        under: 'data unread',
        derived: {
          from: 'answers',
          jq: `(${sumOfAnswers(client, 'fill', 'bytes').jq}) - (${sumOfAnswers(server, 'receive', 'bytes').jq})`,
        },
      })
      .atLeast(1);
    expect
      .value('and then', end, { supports: 'C51/lost', otherwise: 'end', derived: lastReceived(server) })
      .equals('ECONNRESET');
  },
});
