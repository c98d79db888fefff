import { scenario } from '../../src/index.ts';
import { limitClientPorts } from '../../src/kit/kit.ts';

const isn = 1_000_000_000;

/** Why one stimulus alone changes nothing here. */
const uncontrolled =
  'the run ends at the first connection that passes: without the settings that is "without SO_REUSEADDR"';

export default scenario({
  title: 'Without timestamps tcp_tw_reuse does nothing',
  claim:
    'If the connection had no timestamps, its port in TIME_WAIT is not reused, whatever tcp_tw_reuse says, even after its delay: ' +
    'connect fails with EADDRNOTAVAIL, even from a bound port with a far higher sequence number.',
  source: ['ip-sysctl: tcp_timestamps, tcp_tw_reuse', 'Linux: tcp_twsk_unique()'],
  decides: ['C32', 'C33'],
  needs: ['namespace'],
  control: 'sysctl',
  takes: 2,

  async run({ lab, expect, step }) {
    const delayMs = Number((await lab.kernel.readSysctl('net.ipv4.tcp_tw_reuse_delay')) ?? 1000);
    const port = await lab.freePort();
    await limitClientPorts(lab, 1, port);
    await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 0);
    const server = await lab.server({ conduct: 'reads' });

    await step('two TIME_WAITs: of a port that the kernel chose, and of a bound one');
    const chosen = await lab.client(server, { name: 'chosen' });
    const process = chosen;
    const localPort = await lab.freePort();
    const binding = { process, localPort, reuseAddress: 'on' } as const;
    const bound = await lab.client(server, { ...binding, name: 'bound', initialSequence: isn });
    await chosen.end();
    await bound.end();
    await expect(chosen).state('TIME_WAIT');
    await expect(bound).state('TIME_WAIT');
    await lab.pass(delayMs + 300, 'tcp_tw_reuse_delay');

    const again = { process, name: 'client again' };
    for (const value of [0, 1, 2]) {
      await step(`connected again with tcp_tw_reuse = ${value}`);
      await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', value);
      const anew = lab.client(server, again);
      // With 0 it fails with timestamps, too, and with 2 it works on loopback only.
      const tells = value === 1 || (value === 2 && lab.isLoopback);
      const about = tells
        ? ({ supports: 'C32/tcp_tw_reuse', otherwise: 'connected', uncontrolled } as const)
        : {};
      await expect(anew, about).fails('connect', 'EADDRNOTAVAIL');
      const boundAnew = lab.client(server, { ...again, ...binding, initialSequence: isn + 1_000_000 });
      const greater =
        value === 0 ? {} : ({ refutes: 'C33/ISN', otherwise: 'connected', uncontrolled } as const);
      await expect(boundAnew, {
        ...greater,
        title: 'from the bound port, its sequence number 1,000,000 greater',
      }).fails('connect', 'EADDRNOTAVAIL');
    }
  },
});
