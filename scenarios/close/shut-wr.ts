import { scenario } from '../../src/index.ts';
import { lastAnswer } from '../../src/kit/kit.ts';

export default scenario({
  title: 'shutdown(SHUT_WR) is half a close',
  claim:
    'shutdown(SHUT_WR) sends FIN and ends only one direction: the other side reads everything and then the end, and its ' +
    'answer still arrives.',
  source: ['shutdown(2)', 'RFC 9293 section 3.6', 'Linux: tcp_shutdown()'],
  decides: ['C46'],
  control: 'shutdown',

  async run({ lab, expect, step }) {
    await step('the client asks, and ends its direction');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.write('question');
    await client.shutdown('write');
    await expect(client).state('FIN_WAIT2', { process: client });
    await expect(server).state('CLOSE_WAIT', { process: server });

    await step('the server reads up to the end, and answers');
    const question = await server.read();
    expect
      .value('read at the server', question.text, {
        without: 'last read',
        supports: 'C46',
        derived: lastAnswer(server, 'read', 'text'),
      })
      .equals('question');
    expect
      .value('and then', question.ended, {
        supports: 'C46',
        otherwise: 'error',
        derived: lastAnswer(server, 'read', 'ended'),
      })
      .equals('end');
    await server.write('answer');
    await server.end();
    const answer = await client.read();
    expect
      .value('read at the client', answer.text, {
        ...{ without: 'last read', supports: 'C46', otherwise: '' },
        derived: lastAnswer(client, 'read', 'text'),
      })
      .equals('answer');
    await expect(client).state('TIME_WAIT');
  },
});
