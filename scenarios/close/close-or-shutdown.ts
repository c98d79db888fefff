import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'close() ends a connection only when the last holder calls it',
  claim:
    'As long as a second process holds the connection, close() in the first one sends nothing; the FIN comes with the last ' +
    'close. shutdown() sends it at once, even if other processes hold the connection.',
  source: ['close(2)', 'shutdown(2)', 'Linux: fput(), inet_release(), inet_shutdown()'],
  decides: ['C44'],
  control: 'unshare',
  peers: 4,

  async run({ lab, expect, step }) {
    const server = await lab.server();

    await step('a second process holds the connection of the client; the client closes');
    const client = await lab.client(server);
    const sharer = await client.share();
    await client.destroy();
    await expect(client.otherSide, {
      without: 'last share',
      title: 'server',
      supports: 'C44/last close',
      otherwise: 'CLOSE_WAIT',
    }).stays('ESTABLISHED', 500);
    await expect(client).state('ESTABLISHED');

    await step('the second process closes, too');
    await client.unshare(sharer);
    await expect(client.otherSide, {
      title: 'server',
      supports: 'C44/last close',
    }).state('CLOSE_WAIT');
    await expect(client).state('FIN_WAIT2', { process: 'none' });

    await step('another connection, shared as well; the client calls shutdown, and close later');
    const second = await lab.client(server, { name: 'second client' });
    const holder = await second.share();
    await second.shutdown('write');
    await expect(second.otherSide, {
      without: 'last shutdown',
      title: 'server',
      supports: 'C44/shutdown',
      otherwise: 'ESTABLISHED',
    }).state('CLOSE_WAIT');
    await expect(second, { without: 'last shutdown', supports: 'C44/shutdown' }).state('FIN_WAIT2', {
      process: second,
    });
    await second.destroy();
    await expect(second, {
      without: 'last shutdown',
      supports: 'C44/shutdown',
      note: 'the second process has held it all the time',
    }).state('FIN_WAIT2', { process: { pid: holder } });
  },
});
