import { globSync } from 'tinyglobby';
import { somePort } from '../support/sockets.ts';
import type { Victim } from './killing.ts';

const server = (file: string) => [
  '--',
  process.execPath,
  `${process.cwd()}/test/fixtures/servers/${file}`,
  String(somePort()),
];
const scenarios = globSync('scenarios/*/*.ts').map((file) => file.replace(/^.*\/(.*)\.ts$/, '$1'));
// As a user's own, each in a process of its own.
const ownFiles = globSync('scenarios/order/*.ts').map((file) => `${process.cwd()}/${file}`);

/**
 * Every kind of command that is killed.
 * @param port of a listener that is there meanwhile
 */
export const victimsAt = (port: string): readonly Victim[] => [
  ...scenarios.map((name): Victim => ({ args: ['demo', name], lastsMs: 1500 })),
  { args: ['demo', 'server-first', '--wait'], lastsMs: 4000 },
  { args: ['demo', 'server-first', '--network', 'own'], lastsMs: 2000 },
  { args: ['demo', 'client-first', '--two-hosts'], lastsMs: 3000 },
  { args: ['demo', 'client-first', '--packets'], lastsMs: 2500 },
  { args: ['demo', 'server-first', '--pcap', 'x.pcap', '--json'], lastsMs: 2500 },
  { args: ['demo', 'client-first', '--server-on', 'env', '--client-on', 'env'], lastsMs: 2500 },
  ...Array.from({ length: 6 }, (): Victim => ({ args: ['demo', 'core-dump'], lastsMs: 1500 })),
  ...Array.from({ length: 4 }, (): Victim => ({ args: ['test'], lastsMs: 12_000 })),
  { args: ['test', 'order', 'states', '--reporter', 'junit:report.xml'], lastsMs: 3000 },
  { args: ['test', 'wire', 'old-segments', '--two-hosts'], lastsMs: 5000 },
  ...Array.from({ length: 4 }, (): Victim => ({ args: ['test', ...ownFiles], lastsMs: 3000 })),
  ...Array.from({ length: 4 }, (): Victim => ({ args: ['restart', ...server('plain.cjs')], lastsMs: 2500 })),
  ...Array.from(
    { length: 4 },
    (): Victim => ({ args: ['restart', ...server('graceful.cjs')], lastsMs: 2500 }),
  ),
  { args: ['restart', '--all', ...server('plain.cjs')], lastsMs: 8000 },
  { args: ['restart', '--', 'sh', '-c', 'sleep 100 & exec sleep 100'], lastsMs: 4000 },
  { args: ['why', port], lastsMs: 800 },
  { args: ['why', port, '--wait'], lastsMs: 2000 },
  { args: ['why', port, '--on', 'env'], lastsMs: 1500 },
  { args: ['watch', port], lastsMs: 2000 },
  { args: ['watch', port, '--on', 'env'], lastsMs: 2000 },
  { args: ['matrix'], lastsMs: 1500 },
  { args: ['claims', 'C01', 'C11'], lastsMs: 4000 },
];
