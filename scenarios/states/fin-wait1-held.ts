import { integer, scenario } from '../../src/index.ts';
import { behindZeroWindow } from '../../src/kit/kit.ts';

export default scenario({
  title: 'FIN_WAIT1 ends at once, unless its FIN is held back',
  claim:
    'In an ordinary close FIN_WAIT1 ends with the next ACK, so a reading a moment later never shows it; behind a ' +
    'window that the other side keeps closed, the FIN is not even sent, and FIN_WAIT1 stays.',
  source: ['RFC 9293 section 3.6', 'RFC 9293 section 3.8.6.1 (zero-window probing)', 'Linux: tcp_send_fin()'],
  decides: ['C23'],
  control: 'fill',
  takes: 2,
  parameters: { closes: integer(20, { min: 1, max: 1000 }, 'how many ordinary closes') },

  async run({ lab, expect, step, closes }) {
    await step(`${closes} ordinary closes, and a reading 200 ms later`);
    const server = await lab.server({ conduct: 'leaks' });
    const clients = await lab.client(server, { connections: closes });
    await clients.end();
    await lab.pass(200, 'what an ordinary close needs');
    await expect(clients, { supports: 'C23' }).state('FIN_WAIT2', { withinMs: 0 });

    await step('a FIN behind data that the other side does not read');
    const reader = await lab.server({ name: 'slow reader', options: behindZeroWindow });
    const sender = await lab.client(reader, { name: 'sender', options: behindZeroWindow });
    await sender.fill();
    await sender.shutdown('write');
    await expect(sender).state('FIN_WAIT1', { timer: 'persist' });
    await expect(sender, { refutes: 'C23/held' }).stays('FIN_WAIT1', 1500);

    await step('the server reads');
    await reader.read();
    await expect(sender).state('FIN_WAIT2');
  },
});
