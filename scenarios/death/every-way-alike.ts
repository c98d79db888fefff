import { type Client, type Server, scenario } from '../../src/index.ts';

const ways = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGKILL',
  'SIGABRT',
  'SIGSEGV',
  'exit 0',
  'exit 3',
  'throw',
] as const;

export default scenario({
  title: 'However a process ends, its kernel closes the connection in order',
  claim:
    'Signals, exit and an uncaught exception all end a connection alike: the other side reads an orderly end, and the ' +
    'connection is left in FIN_WAIT2 without a process.',
  source: ['RFC 9293 section 3.6', 'Linux: do_exit(), exit_files(), tcp_close()'],
  decides: ['C52'],
  control: 'kill',
  peers: ways.length + 1,

  async run({ lab, expect, step }) {
    await step('ten servers, and a client that is connected to each');
    const pairs: { way: string; server: Server; client: Client }[] = [];
    for (const way of ways) {
      const server = await lab.server({ name: `server ${way}` });
      const [first] = pairs;
      const client = await lab.client(server, first === undefined ? {} : { process: first.client });
      pairs.push({ way, server, client });
    }

    await step('each server dies in its own way');
    await Promise.all(
      pairs.map(({ way, server }) =>
        way.startsWith('SIG') ? server.kill(way as NodeJS.Signals) : server.die(way),
      ),
    );

    await step('what is left is the same');
    for (const { way, server, client } of pairs) {
      await expect(server, { title: way, supports: 'C52' }).state('FIN_WAIT2', { process: 'none' });
      await expect(client, { title: `${way}: client`, supports: 'C52' }).state('CLOSE_WAIT');
      await expect(client, { title: `${way}: read`, supports: 'C52' }).reads('end');
    }
  },
});
