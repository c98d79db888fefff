import { integer, scenario } from '../../src/index.ts';
import { moreDescriptors } from '../../src/kit/kit.ts';

export default scenario({
  title: 'A server that never closes accumulates connections in CLOSE_WAIT',
  claim:
    'A side that reads the end and does not close stays in CLOSE_WAIT without any timer, with one socket and one ' +
    'descriptor for every client that left.',
  source: ['RFC 9293 section 3.6', 'Linux: tcp_fin() (no timer is started)'],
  decides: ['C27'],
  control: 'destroy',
  takes: 2.5,
  parameters: { clients: integer(20, { min: 1, max: 2000 }, 'connect n clients, twice') },

  async run({ lab, expect, step, clients }) {
    await step('a client leaves: the server reads 0 bytes, and does nothing');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.destroy();
    await expect(server).state('CLOSE_WAIT', { process: server });
    await expect(server, { supports: 'C27/read', otherwise: 'EAGAIN' }).reads('end');

    await step(`${clients} clients come and leave a server that leaks`);
    const leaking = await lab.server({ name: 'leaking server', conduct: 'leaks' });
    const before = await leaking.measure.openDescriptors();
    const wave = await lab.client(leaking, { connections: clients, name: 'first wave' });
    await wave.destroy();
    await expect(leaking).state('CLOSE_WAIT', { process: leaking, timer: 'none' });

    await step(`and ${clients} more`);
    const next = await lab.client(leaking, { connections: clients, name: 'second wave', process: wave });
    await next.destroy();
    await expect(leaking, { supports: 'C27/stays', otherwise: 'gone' }).stays('CLOSE_WAIT', 2000, {
      process: leaking,
      timer: 'none',
    });
    const leaked = (await leaking.measure.openDescriptors()) - before;
    expect
      .value('descriptors leaked', leaked, {
        supports: 'C27/stays',
        uncontrolled:
          'connections take descriptors open or closed: that the clients have left is shown by "leaking server"',
        otherwise: 0,
        derived: moreDescriptors,
      })
      .equals(2 * clients);
  },
});
