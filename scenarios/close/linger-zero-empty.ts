import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'SO_LINGER with 0 seconds sends RST even if everything was sent',
  claim:
    'With an empty send buffer, SO_LINGER with 0 seconds still makes close() send RST: the other side gets ECONNRESET and ' +
    'no FIN, and nothing is left in TIME_WAIT.',
  source: ['socket(7), SO_LINGER', 'Linux: __tcp_close()'],
  decides: ['C48', 'C47'],
  control: 'linger',

  async run({ lab, expect, step }) {
    await step('everything that was sent has been read');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.write('hello');
    await expect(server).receives('hello'.length);
    expect.value('read at the server', (await server.receive()).text).equals('hello');

    await step('the client sets linger 0, and closes');
    await client.linger(0);
    await client.destroy();
    await expect(client, {
      refutes: 'C48',
      supports: 'C47/no TIME_WAIT',
      otherwise: ['FIN_WAIT2', 'TIME_WAIT'],
    }).gone();
    await expect(server, { refutes: 'C48', otherwise: 'end' }).reads('ECONNRESET');
  },
});
