import { integer, scenario, signalName } from '../../src/index.ts';

export default scenario({
  title: 'Kill the client first, and the server restarts freely',
  claim:
    'If the client closes first, TIME_WAIT stays at the port of the client; nothing stays at the port of the server, ' +
    'and a server binds it at once, even without SO_REUSEADDR on either socket.',
  source: ['RFC 9293 section 3.6', 'Linux: tcp_time_wait(), inet_csk_get_port()'],
  decides: ['C07'],
  control: 'kill',
  peers: 4,
  parameters: {
    signal: signalName('SIGINT', 'kill with this signal'),
    clients: integer(1, { min: 1, max: 1000 }, 'open n connections from the client'),
  },

  async run({ lab, expect, step, signal, clients }) {
    await step('a server without SO_REUSEADDR listens, and a client connects');
    const server = await lab.server({ reuseAddress: 'off', conduct: 'reads' });
    const client = await lab.client(server, { connections: clients });
    await expect(client).state('ESTABLISHED', { process: client });

    await step(`${signal} kills the client; the server reads the end and closes, too`);
    await client.kill(signal);
    await expect(client, { supports: 'C07/TIME_WAIT', otherwise: 'gone' }).state('TIME_WAIT', {
      process: 'none',
    });
    await expect(server, { supports: 'C07/TIME_WAIT', otherwise: 'TIME_WAIT' }).gone();

    await step(`${signal} kills the server, and it is started again`);
    await server.kill(signal);
    await expect(client).state('TIME_WAIT', { process: 'none' });
    await expect(lab.server({ name: 'restarted server', port: server.port, reuseAddress: 'off' }), {
      supports: 'C07/restart',
      otherwise: 'bind: EADDRINUSE',
    }).serves();
  },
});
