import { scenario } from '../../src/index.ts';
import { lastRead } from '../../src/kit/kit.ts';

const name = 'net.ipv4.tcp_tw_recycle';

export default scenario({
  title: 'tcp_tw_recycle no longer exists',
  claim:
    'This kernel has no setting tcp_tw_recycle, which used to drop SYNs by the timestamps of a whole host: it can neither be read ' +
    'nor set, and advice to set it is out of date.',
  source: ['Linux 4.12: "tcp: remove tcp_tw_recycle"'],
  decides: ['C32', 'C34'],
  needs: ['namespace'],
  control: 'sysctl',
  peers: 1,

  async run({ lab, expect, step }) {
    await step('read, and set');
    const value = await lab.kernel.readSysctl(name);
    expect
      .value('tcp_tw_recycle', value ?? 'no such setting', {
        excludes: ['C34', 'C32/tcp_tw_recycle'],
        uncontrolled: 'an absence that is read: that a write would be noticed is shown by "set to 1"',
        derived: lastRead('/proc/sys/net/ipv4/tcp_tw_recycle', '. // "no such setting"'),
      })
      .equals('no such setting');
    const set = await lab.kernel.sysctl(name, 1).then(
      () => 'set',
      () => 'no such setting',
    );
    expect.value('set to 1', set, { excludes: ['C34', 'C32/tcp_tw_recycle'] }).equals('no such setting');
  },
});
