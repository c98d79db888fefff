import { type Expect, type Lab, scenario } from '../../src/index.ts';
import {
  approach,
  isJust,
  lastAnswer,
  type Reincarnation,
  type ReincarnationOptions,
  reincarnate,
  sha256,
  widenWindows,
  withoutProtection,
} from '../../src/kit/kit.ts';

export default scenario({
  title: 'A restarted server reads data that was meant for the old one',
  claim:
    'A server that is restarted at once with SO_REUSEADDR reads data of the old one only if both protections are ' +
    'off; with timestamps on and TIME_WAIT in place it reads exactly what was sent to it.',
  source: ['RFC 9293 section 3.4.3', 'RFC 6191', 'Linux: tcp_timewait_state_process(), tcp_paws_discard()'],
  decides: ['C10'],
  needs: ['packets'],
  control: 'replay',
  takes: 5,
  peers: 6,

  async run({ lab, expect, step }) {
    await widenWindows(lab);
    const under = await withoutProtection(lab);

    await step(
      'no protection: a server is killed with its client, and both are started again on their ports',
    );
    const bare = await restart(lab, {});
    const { sent, read } = await replayAndRead(lab, expect, bare);
    expect
      .value('SHA-256 of what was read', read.sha256, {
        ...{ supports: 'C10', otherwise: sha256(sent), under },
        derived: lastAnswer(bare.server, 'read', 'sha256'),
      })
      .isNot(sha256(sent));

    await step('the same with timestamps on and TIME_WAIT in place');
    await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 1);
    await lab.kernel.sysctl('net.ipv4.tcp_max_tw_buckets', 10_000);
    // Over TIME_WAIT the new server's numbers begin above all that the old one sent: no old segment can acknowledge anything.
    const safe = await restart(lab, { wanted: ({ segment }) => segment.length > 0 }, async (old) => {
      await expect(old).state('TIME_WAIT');
    });
    const counters = await lab.kernel.counters();
    const again = await replayAndRead(lab, expect, safe);
    expect
      .value('segments refused for their timestamp, PAWSEstab', await counters.moved('PAWSEstab'), {
        refutes: 'C10/protected',
      })
      .equals(1);
    const isRight = again.read.sha256 === sha256(again.sent);
    expect
      .value('what was read', isRight ? 'just what was sent' : 'something else', {
        without: 'last read',
        refutes: 'C10/protected',
        otherwise: 'something else',
        derived: isJust(safe.server, sha256(again.sent)),
      })
      .equals('just what was sent');
  },
});

async function restart(
  lab: Lab,
  options: ReincarnationOptions,
  afterDeath: (old: Reincarnation['server']) => Promise<void> = async () => {},
): Promise<Reincarnation> {
  const end: ReincarnationOptions['end'] = async (old, _, exchanged) => {
    await exchanged;
    await old.kill('SIGKILL');
    await afterDeath(old);
    return lab.server({ name: 'restarted server', port: old.port, reuseAddress: 'on' });
  };
  return reincarnate(lab, { end, rounds: 80, ...options });
}

/** The old segment arrives, the client sends up to it, and then past it, and the server reads everything. */
async function replayAndRead(lab: Lab, expect: Expect, restarted: Reincarnation) {
  const { server, client } = restarted;
  const { segment, ahead } = restarted.stray;
  const [before, missing] = await approach(restarted);
  await expect(server).receives(before);
  await lab.wire.replay([segment]);
  const isOld = ({ sequence }: typeof segment) => sequence === segment.sequence;
  const { segments } = await lab.wire.captured(client, (seen) => seen.segments.some(isOld));
  expect.value('old segments that arrived', segments.filter(isOld).length).equals(1);
  await client.write('n'.repeat(missing));
  await client.write('n'.repeat(segment.length));
  const sent = 'n'.repeat(ahead + segment.length);
  const read = await server.read(sent.length);
  return { sent, read };
}
