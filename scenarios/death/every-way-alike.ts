import { type Client, type Ended, type Server, scenario } from '../../src/index.ts';
import { howEnded } from '../../src/kit/kit.ts';

/** Each way to end a connection, the part of the claim that it shows, and how the process ends by it. */
const ways = [
  { way: 'close()', part: 'C52/close()', ends: 'not ended', without: 'destroy' },
  { way: 'SIGINT', part: 'C52/kill', ends: 'SIGINT', without: 'kill 1' },
  { way: 'SIGTERM', part: 'C52/kill', ends: 'SIGTERM', without: 'kill 2' },
  { way: 'SIGHUP', part: 'C52/kill', ends: 'SIGHUP', without: 'kill 3' },
  { way: 'SIGQUIT', part: 'C52/kill', ends: 'SIGQUIT', without: 'kill 4' },
  { way: 'SIGKILL', part: 'C52/kill', ends: 'SIGKILL', without: 'kill 5' },
  { way: 'SIGABRT', part: 'C52/kill', ends: 'SIGABRT', without: 'kill 6' },
  { way: 'SIGSEGV', part: 'C52/kill', ends: 'SIGSEGV', without: 'kill 7' },
  { way: 'exit 0', part: 'C52/exit', ends: 'status 0', without: 'die 1' },
  { way: 'exit 3', part: 'C52/exit', ends: 'status 3', without: 'die 2' },
  { way: 'throw', part: 'C52/exit', ends: 'status 1', without: 'die 3' },
] as const;

type Way = (typeof ways)[number];

export default scenario({
  title: 'However a process ends, its kernel closes the connection in order',
  claim:
    'close(), signals, exit and an uncaught exception all end a connection alike: the other side reads an orderly end, and the ' +
    'connection is left in FIN_WAIT2 without a process.',
  source: ['RFC 9293 section 3.6', 'Linux: do_exit(), exit_files(), tcp_close()'],
  decides: ['C52'],
  control: 'kill',
  peers: ways.length + 1,

  async run({ lab, expect, step }) {
    await step(`${ways.length} servers, and a client that is connected to each`);
    const pairs: { way: Way; server: Server; client: Client }[] = [];
    for (const way of ways) {
      const server = await lab.server({ name: `server ${way.way}` });
      const [first] = pairs;
      const client = await lab.client(server, first === undefined ? {} : { process: first.client });
      pairs.push({ way, server, client });
    }

    await step('one closes, and each of the others dies in its own way');
    const ended = await Promise.all(pairs.map(({ way, server }) => end(server, way)));

    await step('what is left is the same');
    const under = 'nothing unread';
    for (const [i, { way, server, client }] of pairs.entries()) {
      const { part, ends, without } = way;
      expect.value(`${way.way}: process`, howEnded(ended[i] ?? { state: 'not ended' })).equals(ends);
      await expect(server, { title: way.way, without, supports: part, under, otherwise: 'gone' }).state(
        'FIN_WAIT2',
        {
          process: 'none',
        },
      );
      await expect(client, {
        title: `${way.way}: client`,
        without,
        supports: part,
        under,
        otherwise: ['gone', 'ESTABLISHED'],
      }).state('CLOSE_WAIT');
      await expect(client, {
        title: `${way.way}: read`,
        without,
        supports: part,
        under,
        otherwise: 'ECONNRESET',
      }).reads('end');
    }
  },
});

async function end(server: Server, { way }: Way): Promise<Ended> {
  if (way.startsWith('SIG')) return server.kill(way as NodeJS.Signals);
  if (way !== 'close()') return server.die(way);
  await server.destroy();
  return { state: 'not ended' };
}
