import { integer, scenario } from '../../src/index.ts';
import { lastAnswer } from '../../src/kit/kit.ts';

export default scenario({
  title: "destroy() drops what is still in Node's own queue",
  claim:
    'destroy() drops what was written to a net.Socket and has not reached the kernel, and the other side reads a clean end ' +
    'of file; end() loses nothing.',
  source: ['Node: net.Socket, destroy() and end()', 'libuv: uv_close() drops queued writes'],
  decides: ['C50'],
  control: 'destroy',
  peers: 4,
  parameters: { megabytes: integer(16, { min: 12, max: 256 }, 'write n megabytes') },

  async run({ lab, expect, step, megabytes }) {
    const bytes = megabytes << 20;

    await step(`the client writes ${megabytes} MB and destroys its socket at once`);
    const server = await lab.server();
    const client = await lab.client(server);
    await Promise.all([client.write(bytes, 'queued'), client.destroy()]);
    const cut = await server.read();
    expect
      .value('bytes read', cut.bytes, {
        refutes: ['C50', "C50/Node's queue"],
        otherwise: bytes,
        under: "data in Node's queue",
        derived: lastAnswer(server, 'read', 'bytes'),
      })
      .atMost(bytes - 1);
    expect.value('and then', cut.ended).equals('end');

    await step('the same with end()');
    const careful = await lab.server({ name: 'second server' });
    const patient = await lab.client(careful, { name: 'patient client' });
    await Promise.all([patient.write(bytes, 'queued'), patient.end(), careful.read().then(check)]);

    function check(whole: { bytes: number; ended: string }) {
      expect.value('bytes read', whole.bytes).equals(bytes);
      expect.value('and then', whole.ended).equals('end');
    }
  },
});
