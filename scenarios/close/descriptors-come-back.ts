import { integer, scenario } from '../../src/index.ts';
import { moreDescriptors } from '../../src/kit/kit.ts';

export default scenario({
  title: 'A descriptor comes back with close(), not after TIME_WAIT',
  claim:
    'A process whose connections are all in TIME_WAIT has as many descriptors open as before the first one: TIME_WAIT takes ' +
    'ports and a little memory, but no descriptors.',
  source: ['close(2)', 'Linux: tcp_time_wait() (the socket is replaced by a smaller one without file)'],
  decides: ['C42'],
  control: 'end',
  parameters: { connections: integer(50, { min: 1, max: 5000 }, 'open n connections') },

  async run({ lab, expect, step, connections }) {
    await step(`${connections} connections`);
    const server = await lab.server({ conduct: 'reads' });
    const first = await lab.client(server, { name: 'first client' });
    const before = await first.measure.openDescriptors();
    const client = await lab.client(server, { connections, process: first });
    const during = await client.measure.openDescriptors();
    expect.value('additional descriptors', during - before).equals(connections);

    await step('the client closes them all');
    await client.end();
    await expect(client).state('TIME_WAIT', { process: 'none' });
    await client.destroy();
    const after = await client.measure.openDescriptors();
    expect
      .value('additional descriptors', after - before, {
        without: 'last destroy',
        refutes: 'C42',
        derived: moreDescriptors,
        otherwise: connections,
      })
      .equals(0);
  },
});
