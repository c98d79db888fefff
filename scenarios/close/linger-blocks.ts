import { integer, scenario } from '../../src/index.ts';
import { behindZeroWindow, lastAnswer } from '../../src/kit/kit.ts';

export default scenario({
  title: 'SO_LINGER with n seconds makes close() wait, but not exit',
  claim:
    'With SO_LINGER on and n seconds, close() blocks the process for n seconds, and not much longer, if the other side ' +
    'does not receive what was sent; the exit of a process with the same option does not wait.',
  source: ['socket(7), SO_LINGER', 'Linux: inet_release() (PF_EXITING), sk_stream_wait_close()'],
  decides: ['C49'],
  control: 'linger',
  takes: 2.5,
  peers: 4,
  parameters: { seconds: integer(2, { min: 1, max: 30 }, 'linger for n seconds') },

  async run({ lab, expect, step, seconds }) {
    const limitMs = seconds * 1000;
    const server = await lab.server({ options: behindZeroWindow });

    await step('the client closes, and the server does not read');
    const client = await lab.client(server, { options: behindZeroWindow });
    await client.fill();
    await client.linger(seconds);
    const blockedMs = await client.destroy();
    const { jq } = lastAnswer(client, 'destroy', 'blockedMs');
    expect
      .span('close() blocked for', blockedMs, {
        ...{ supports: 'C49', derived: { from: 'answers', jq: `${jq} | [., .]` } },
      })
      .between(limitMs * 0.9, limitMs * 1.5);
    await expect(client).state('FIN_WAIT1', { process: 'none' });

    await step('another client exits, with the same option');
    const leaving = await lab.client(server, { name: 'leaving client', options: behindZeroWindow });
    await leaving.fill();
    await leaving.linger(seconds);
    expect.value('its SO_LINGER', await leaving.measure.option('SO_LINGER')).equals(seconds);
    const closing = await lab.watchClose(leaving);
    await leaving.die('exit 0');
    expect
      .span('its close waited for', await closing(), {
        refutes: 'C49/exit',
        uncontrolled: 'an absence: that a close can be seen to wait is shown by "close() blocked for"',
        otherwise: { atLeast: limitMs * 0.9 },
        derived: {
          from: 'answers',
          jq: 'map(select(.method == "closeWatched")) | last.result | [.leastMs, .mostMs]',
        },
      })
      .atMost(limitMs * 0.5);
    await expect(leaving).state('FIN_WAIT1', { process: 'none' });
  },
});
