/** Tables and files that are text. */
import { readFileSync } from 'node:fs';
import { parseDuration } from '../../src/api/duration.ts';
import { factsOf } from '../../src/diagnose/process-facts.ts';
import { parseScriptOutput } from '../../src/diagnose/process-files.ts';
import { isEphemeral, parseSettings } from '../../src/diagnose/settings.ts';
import { parseConditions } from '../../src/diagnose/watch/condition.ts';
import { harmless } from '../../src/foreign.ts';
import { splitWords } from '../../src/lab/hosts/launcher.ts';
import { parseCounters } from '../../src/observe/counters/counters.ts';
import { describeRows } from '../../src/observe/describe.ts';
import { parseNetstat } from '../../src/observe/netstat/parse.ts';
import { linesOfPorts, parseProc } from '../../src/observe/proc/parse.ts';
import type { Parsed } from '../../src/observe/row.ts';
import { parseSlab } from '../../src/observe/slab.ts';
import { parseTimeWaits } from '../../src/observe/sockstat.ts';
import { parseSs } from '../../src/observe/ss/parse.ts';
import { readTraceLine } from '../../src/peer/capture/trace.ts';
import { recorded } from '../support/recorded.ts';
import { type Target, text } from './target.ts';

const samples = (...texts: string[]) => texts.map((sample) => Buffer.from(sample));

/** A table of sockets; `heading` are the lines that carry no row. */
function table(name: string, recordings: string[], parse: (text: string) => Parsed, heading: RegExp): Target {
  return {
    name,
    samples: samples(...recordings.map(recorded)),
    read: (input) => {
      const parsed = parse(text(input));
      return { ...parsed, described: describeRows(parsed.rows) };
    },
    lost: (input) => {
      const lines = text(input)
        .split('\n')
        .filter((line) => line.trim() !== '' && !heading.test(line.trim()));
      const { rows, unread } = parse(text(input));
      return lines.length - rows.length - unread.length;
    },
  };
}

const traceLine =
  'node-42 [000] ..s1. 123.456789: inet_sock_set_state: family=AF_INET protocol=IPPROTO_TCP sport=8080 dport=50512 saddr=127.0.0.1 daddr=127.0.0.1 saddrv6=::ffff:127.0.0.1 daddrv6=::ffff:127.0.0.1 oldstate=TCP_ESTABLISHED newstate=TCP_FIN_WAIT1';

const ownFiles = (): string => {
  const files = ['stat', 'status', 'cgroup', 'cmdline', 'environ'].map((file) => {
    const content = readFileSync(`/proc/self/${file}`, 'latin1').slice(0, 2000);
    return `${process.pid} ${file} ${content.replaceAll('\0', '\u0001').replaceAll('\n', '\u0002')}`;
  });
  const stat = readFileSync('/proc/stat', 'utf8').slice(-400).replaceAll('\n', '\u0002');
  return [
    ...files,
    '0 passwd root:x:0:0:root:/root:/bin/bash\u0002nobody:x:65534:65534::/:/bin/sh',
    `0 stat ${stat}`,
  ].join('\n');
};

export const textTargets: readonly Target[] = [
  table(
    'ss',
    ['ss-tanpo', 'ss-tanpoe', 'ss-tanpoe-unprivileged', 'ss-tanpo-narrow-terminal'],
    parseSs,
    /^State\s+Recv-Q/,
  ),
  table(
    'netstat',
    ['netstat-tanpo-cut-off', 'netstat-tanpoeW', 'netstat-unprivileged'],
    parseNetstat,
    /^(Active Internet connections|Proto Recv-Q|\(Not all processes|\(No info could|will not be shown, you would have to be root)/,
  ),
  table('proc', ['proc-net-tcp', 'proc-net-tcp6'], parseProc, /^sl\s+local_address/),
  {
    name: 'lines of ports',
    samples: samples(recorded('proc-net-tcp')),
    read: (input) => parseProc(linesOfPorts(text(input), [8086])),
  },
  {
    name: 'trace',
    samples: samples(traceLine, traceLine.replaceAll('AF_INET ', 'AF_INET6 ')),
    read: (input) => text(input).split('\n').map(readTraceLine),
  },
  {
    name: 'counters',
    samples: samples(recorded('proc-net-snmp-and-netstat')),
    read: (input) => parseCounters(text(input)),
  },
  {
    name: 'sockstat',
    samples: samples('sockets: used 291\nTCP: inuse 5 orphan 0 tw 12 alloc 8 mem 0\nUDP: inuse 0 mem 0\n'),
    read: (input) => parseTimeWaits(text(input)),
  },
  {
    name: 'slabinfo',
    samples: samples(
      'slabinfo - version: 2.1\ntw_sock_TCP 32 32 256 16 1 : tunables 0 0 0 : slabdata 2 2 0\n',
    ),
    read: (input) => parseSlab(text(input), 'tw_sock_TCP'),
  },
  {
    name: 'settings',
    samples: samples('32768\t60999\n|8080,9000-9100\n|1024\n', '1 65535||0'),
    read: (input) => {
      const settings = parseSettings(8080, ...(text(input).split('|') as [string]));
      return { settings, ephemeral: isEphemeral(8080, settings) };
    },
  },
  {
    name: 'process files',
    samples: samples(ownFiles()),
    read: (input) => {
      const table = parseScriptOutput(text(input));
      return [...table.byPid.keys()].map((pid) => factsOf(pid, harmless('node'), table));
    },
  },
  {
    name: 'launcher',
    samples: samples(
      `ssh -o 'ProxyCommand=nc %h %p' box`,
      `a "b \\"c\\" $d" 'e'f\\ g`,
      `docker exec -i '' x`,
    ),
    read: (input) => void splitWords(text(input)),
  },
  {
    name: 'conditions',
    samples: samples('ESTABLISHED>=2,LISTEN=1', 'TIME_WAIT=0'),
    read: (input) => parseConditions(text(input)),
  },
  {
    name: 'duration',
    samples: samples('1.5min', '500ms', '30'),
    read: (input) => parseDuration(text(input)),
  },
];
