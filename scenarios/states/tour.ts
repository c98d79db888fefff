import { type State, type Subject, scenario } from '../../src/index.ts';
import { behindZeroWindow } from '../../src/kit/kit.ts';

export default scenario({
  title: 'All eleven states of TCP can be seen in one run',
  claim:
    'Each state of RFC 9293 can be made to last as long as you like, without any privilege, and ss shows it under its ' +
    'name; CLOSED is the one that no table shows.',
  source: ['RFC 9293 section 3.3.2', 'tcp(7), TCP_DEFER_ACCEPT', 'Linux: include/net/tcp_states.h'],
  decides: ['C12'],
  control: 'shutdown',
  peers: 8,

  async run({ lab, expect, step }) {
    const seen = new Set<string>();
    const see = async (subject: Subject, state: State) => {
      for (const row of await expect(subject).state(state)) seen.add(row.state);
    };

    await step('LISTEN, and SYN_SENT: a client whose SYN finds the accept queue full');
    const full = await lab.server({ name: 'full server', backlog: 1, accepting: 'later' });
    await see(full.listener, 'LISTEN');
    await lab.client(full, { name: 'waiting clients', connections: 2, acceptance: 'not awaited' });
    const late = await lab.client(full, {
      name: 'late client',
      completion: 'not awaited',
      localPort: await lab.freePort(),
    });
    await see(late, 'SYN_SENT');

    await step('SYN_RECV: a server that waits for data before it accepts the connection');
    const wary = await lab.server({ name: 'wary server', options: { TCP_DEFER_ACCEPT: 60 } });
    const silent = await lab.client(wary, { name: 'silent client', acceptance: 'not awaited' });
    await see(silent.otherSide, 'SYN_RECV');
    await see(silent, 'ESTABLISHED');

    await step('FIN_WAIT2 and CLOSE_WAIT: one side has closed');
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server, { options: behindZeroWindow });
    await client.shutdown('write');
    await see(client, 'FIN_WAIT2');
    await see(server, 'CLOSE_WAIT');

    await step('LAST_ACK: the other side closes, too, but its FIN waits behind unread data');
    await server.fill();
    await server.shutdown('write');
    await see(server, 'LAST_ACK');

    await step('TIME_WAIT and CLOSED: the data is read, and the FIN with it');
    await client.read();
    await see(client, 'TIME_WAIT');
    await expect(server, { supports: 'C12', otherwise: 'TIME_WAIT' }).gone();

    await step('FIN_WAIT1 and CLOSING: both close, and one FIN waits');
    const second = await lab.server({ name: 'second server', options: behindZeroWindow });
    const crossing = await lab.client(second, { name: 'crossing client', options: behindZeroWindow });
    await crossing.fill();
    await crossing.shutdown('write');
    await see(crossing, 'FIN_WAIT1');
    await second.shutdown('write');
    await see(crossing, 'CLOSING');

    expect.value('states seen, without CLOSED', seen.size).equals(10);
  },
});
