import { harmless } from '../../foreign.ts';
import { type SettingName, settingOf } from '../facts/machine.ts';
import type { SettingPlace } from '../facts/setting-places.ts';
import type { Facts } from '../facts.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { sysctlStep } from '../parts/steps.ts';

/** Settings that do not have the effect that people expect, and where they are set. */
export const settings: FindingKind = {
  name: 'settings',
  title: 'a setting does harm, or not what it is set for',
  async find(facts) {
    if (facts.scope === 'part') return [];
    const places = await facts.sources.settingPlaces();
    return [...recycle(facts), ...abortOnOverflow(facts), ...folklore(facts, places)];
  },
};

const nowhere = { since: null, trend: null, sockets: [], figures: {}, count: 1 } as const;

function recycle(facts: Facts): Finding[] {
  const value = settingOf(facts.now.machine, 'net.ipv4.tcp_tw_recycle');
  if (value === null || value === 0) return [];
  return [
    {
      ...nowhere,
      severity: 'wrong',
      weight: 85,
      what: `tcp_tw_recycle is ${value}: clients behind the same NAT cannot connect`,
      fault: setting('net.ipv4.tcp_tw_recycle compares the timestamps of different hosts behind one address'),
      cost: 'their SYNs are dropped at random; Linux 4.12 removed it for that',
      steps: [sysctlStep('switch it off', 'net.ipv4.tcp_tw_recycle=0', facts)],
    },
  ];
}

function abortOnOverflow(facts: Facts): Finding[] {
  if (settingOf(facts.now.machine, 'net.ipv4.tcp_abort_on_overflow') !== 1) return [];
  return [
    {
      ...nowhere,
      severity: 'note',
      weight: 5,
      what: 'tcp_abort_on_overflow is 1: clients are reset at once when an accept queue is full for a moment',
      fault: setting('net.ipv4.tcp_abort_on_overflow'),
      cost: 'a burst that would have cost a retransmission costs connections',
      steps: [sysctlStep('switch it off', 'net.ipv4.tcp_abort_on_overflow=0', facts)],
    },
  ];
}

function setting(because: string): Finding['fault'] {
  return { side: 'a setting', processes: [], because };
}

/** Settings that people change against TIME_WAIT without effect. */
const beliefs: readonly {
  readonly name: SettingName;
  readonly usual: string | null;
  readonly truth: string;
}[] = [
  {
    name: 'net.ipv4.tcp_fin_timeout',
    usual: '60',
    truth: 'does not shorten TIME_WAIT, which is always 60 s: it limits FIN_WAIT2 without a process',
  },
  {
    name: 'net.ipv4.tcp_tw_recycle',
    usual: null,
    truth:
      'does not exist since Linux 4.12: the line has no effect here, and breaks clients behind NAT on older kernels',
  },
  {
    name: 'net.ipv4.tcp_tw_reuse',
    usual: null,
    truth:
      'affects outgoing connections only: it does not help a server that cannot bind, nor one with many TIME_WAITs',
  },
  {
    name: 'net.ipv4.tcp_max_tw_buckets',
    usual: null,
    truth: 'is not a cure for TIME_WAITs: beyond it connections end without the protection of TIME_WAIT',
  },
];

function folklore(facts: Facts, places: ReadonlyMap<string, readonly SettingPlace[]>): Finding[] {
  return beliefs.flatMap(({ name, usual, truth }) => {
    const set = places.get(name)?.at(-1);
    const current = facts.now.machine.settings.get(name);
    const differs = usual !== null && current !== undefined && current !== usual;
    if (set === undefined && !differs) return [];
    const where = set === undefined ? `${name} is ${current}` : `${name} = ${set.value}`;
    const file = set === undefined ? null : `${set.file} line ${set.line}`;
    return [
      {
        ...nowhere,
        severity: 'note',
        weight: 2,
        what: harmless(`${where}${file === null ? '' : ` (${file})`}: it ${truth}`),
        fault: setting(file === null ? 'set at run time' : harmless(`set in ${file}`)),
        cost: null,
        steps: [],
      },
    ];
  });
}
