import { readdir, stat } from 'node:fs/promises';
import { integer, scenario } from '../../src/index.ts';
import { howEnded } from '../../src/kit/kit.ts';

const megabyte = 1 << 20;
/** All memory of the server's process is dumped, not only what it was told to use. */
const ownMegabytes = 200;

export default scenario({
  title: 'A crash with a core dump ends the connection in order, but later',
  claim:
    'A process that crashes and leaves a core dump ends its connections like any other, once the dump is written: the other ' +
    'side reads an orderly end.',
  source: ['core(5)', 'Linux: do_coredump() runs before exit_files()'],
  decides: ['C52'],
  needs: ['core dump'],
  control: 'kill',
  parameters: { megabytes: integer(64, { min: 1, max: 4096 }, 'dump n megabytes of memory') },

  async run({ lab, expect, step, note, megabytes }) {
    const folder = await lab.folder((megabytes + ownMegabytes) * megabyte);

    await step('a server that may leave a core dump, and a client');
    const server = await lab.server();
    const client = await lab.client(server);
    await server.allowCoreDump(folder, megabytes * megabyte);

    await step('the server crashes');
    const crashedAt = performance.now();
    expect.value('the server', howEnded(await server.kill('SIGSEGV'))).equals('SIGSEGV');
    const [core = 'none'] = await readdir(folder);
    const { size } = await stat(`${folder}/${core}`).catch(() => ({ size: 0 }));
    expect.value('core dump in megabytes', Math.floor(size / megabyte)).atLeast(megabytes);
    await expect(server, { supports: 'C52/core dump', under: 'nothing unread' }).state('FIN_WAIT2', {
      process: 'none',
    });
    note(
      `the kernel sent FIN within ${Math.round(performance.now() - crashedAt)} ms of the signal, after the dump`,
    );
    await expect(client, { supports: 'C52/core dump', under: 'nothing unread', otherwise: 'gone' }).state(
      'CLOSE_WAIT',
    );
    await expect(client, {
      supports: 'C52/core dump',
      under: 'nothing unread',
      otherwise: 'ECONNRESET',
    }).reads('end');
  },
});
