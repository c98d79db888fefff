import { scenario } from '../../src/index.ts';

const kinds = [
  { name: 'none', reuseAddress: 'off', reusePort: 'off' },
  { name: 'SO_REUSEADDR', reuseAddress: 'on', reusePort: 'off' },
  { name: 'SO_REUSEPORT', reuseAddress: 'off', reusePort: 'on' },
  { name: 'both', reuseAddress: 'on', reusePort: 'on' },
] as const;

export default scenario({
  title: 'Over TIME_WAIT both sockets need the option, the old one and the new one',
  claim:
    'A bind over TIME_WAIT succeeds exactly if the old and the new socket both have SO_REUSEADDR, or both SO_REUSEPORT; ' +
    'setting it on the restarted server alone does not help.',
  source: ['socket(7), SO_REUSEADDR', 'Linux: inet_bind_conflict(), tw_reuse of struct inet_timewait_sock'],
  decides: ['C06'],
  control: 'end',
  peers: 5,

  async run({ lab, expect, step }) {
    for (const old of kinds) {
      await step(`TIME_WAIT of a server with ${old.name}`);
      const server = await lab.server({ ...old, name: 'old server', conduct: 'reads' });
      const client = await lab.client(server);
      await server.end();
      await client.end();
      await expect(server).state('TIME_WAIT');
      await server.stopListening();

      for (const next of kinds) {
        const { name: _, ...options } = next;
        const { bind } = await lab.probe({ port: server.port, ...options });
        const both = old.reuseAddress === 'on' && next.reuseAddress === 'on';
        const bothPort = old.reusePort === 'on' && next.reusePort === 'on';
        const newOnly = old.name === 'none' && next.name === 'SO_REUSEADDR';
        const asUsual = old.name === 'SO_REUSEADDR' && next.name === 'SO_REUSEADDR';
        expect
          .value(`bind with ${next.name}`, bind, {
            derived: { from: 'answers', jq: 'map(select(.method == "probe")) | last.result.bind' },
            ...(asUsual
              ? {
                  supports: 'C06',
                  otherwise: 'EADDRINUSE',
                  under: 'SO_REUSEADDR on at both servers',
                  without: 'last stop listening',
                }
              : {}),
            ...(newOnly ? { refutes: 'C06/new only', otherwise: 'ok', without: 'end 1' } : {}),
          })
          .equals(both || bothPort ? 'ok' : 'EADDRINUSE');
      }
    }
  },
});
