import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'Any program can avoid TIME_WAIT in three ways',
  claim:
    'An active closer need not pass through TIME_WAIT: not after SO_LINGER with 0 seconds, not after a close with unread ' +
    'data, and not if the other side does not close within TCP_LINGER2.',
  source: ['socket(7), SO_LINGER', 'tcp(7), TCP_LINGER2', 'RFC 2525 section 2.17', 'Linux: __tcp_close()'],
  decides: ['C18', 'C47'],
  control: 'linger',
  takes: 3.5,
  peers: 4,

  async run({ lab, expect, step }) {
    const server = await lab.server();

    await step('SO_LINGER with 0 seconds');
    const hasty = await lab.client(server, { name: 'hasty client' });
    await hasty.linger(0);
    await hasty.destroy();
    await expect(hasty, { refutes: 'C18', supports: ['C18/linger 0', 'C47/no TIME_WAIT'] }).gone();

    await step('a close with a byte unread');
    const careless = await lab.client(server, { name: 'careless client' });
    await server.writeTo(careless, 'x');
    await expect(careless).receives(1);
    await careless.destroy();
    await expect(careless, { without: 'last destroy', refutes: 'C18', supports: 'C18/unread data' }).gone();

    await step('TCP_LINGER2 of three seconds, and a server that does not close');
    const brief = await lab.client(server, { name: 'brief client' });
    await brief.setOption('TCP_LINGER2', 3);
    await brief.destroy();
    // Its timer is timewait, or keepalive if the ACK of its FIN arrived during the close.
    await expect(brief).state('FIN_WAIT2', { process: 'none' });
    await expect(brief, { without: 'last destroy', refutes: 'C18', supports: 'C18/TCP_LINGER2' }).gone();
  },
});
