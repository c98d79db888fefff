import { integer, scenario } from '../../src/index.ts';
import { behindZeroWindow } from '../../src/kit/kit.ts';

const secondMs = 1000;
/** Fewer looks would show too much of FIN_WAIT1: the first ones come before the delayed ACK, however slow the machine is. */
const manyLooks = 40;

export default scenario({
  title: 'FIN_WAIT1 ends at once, unless its FIN is held back',
  claim:
    'In an ordinary close FIN_WAIT1 ends with the next ACK, so few of many looks show it; behind a ' +
    'window that the other side keeps closed, the FIN is not even sent, and FIN_WAIT1 stays.',
  source: [
    'RFC 9293 section 3.6',
    'RFC 9293 section 3.8.6.1 (zero-window probing)',
    'Linux: tcp_send_fin(), TCP_DELACK_MIN',
  ],
  decides: ['C23'],
  control: 'fill',
  takes: 4,
  peers: 5,
  parameters: { closes: integer(20, { min: 1, max: 1000 }, 'close n connections in the ordinary way') },

  async run({ lab, expect, step, note, closes }) {
    for (const conduct of ['reads', 'leaks'] as const) {
      const does = conduct === 'reads' ? 'that closes, too' : 'that does not close';
      await step(`${closes} ordinary closes towards a server ${does}, and many looks at them`);
      const server = await lab.server({ name: `server ${does}`, conduct });
      const clients = await lab.client(server, { connections: closes });
      await clients.write('question');
      await clients.end();
      const looks = await lab.sample(clients, secondMs, manyLooks);
      const seen = looks.flatMap(({ states }) => states);
      const share = (100 * seen.filter((state) => state === 'FIN_WAIT1').length) / seen.length;
      const [last] = looks.toReversed().filter(({ states }) => states.includes('FIN_WAIT1'));
      const until =
        last === undefined
          ? 'none showed it'
          : `the last that showed it came ${Math.round(last.atMs)} ms after the close`;
      note(`${looks.length} looks: ${until}`);
      expect
        .value('looks at a connection that showed FIN_WAIT1, percent', Number(share.toFixed(1)), {
          supports: 'C23',
          uncontrolled: 'an absence: that the looks can show FIN_WAIT1 is shown by "sender", where it stays',
          under: 'an ordinary close',
          otherwise: { atLeast: 50 },
        })
        .atMost(20);
      await expect(clients).state(conduct === 'reads' ? 'TIME_WAIT' : 'FIN_WAIT2');
    }

    await step('a FIN behind data that the other side does not read');
    const reader = await lab.server({ name: 'slow reader', options: behindZeroWindow });
    const sender = await lab.client(reader, { name: 'sender', options: behindZeroWindow });
    await sender.fill();
    await sender.shutdown('write');
    await expect(sender).state('FIN_WAIT1', { timer: 'persist' });
    await expect(sender, {
      refutes: ['C23', 'C23/held'],
      otherwise: 'FIN_WAIT2',
      under: 'a FIN that is held back',
    }).stays('FIN_WAIT1', 1500);

    await step('the server reads');
    await reader.read();
    await expect(sender).state('FIN_WAIT2');
  },
});
