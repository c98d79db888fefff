import { describe, expect, test } from 'vitest';
import { parseSsWithInfo } from '../../src/audit/facts/by-ss.ts';
import { settingsIn } from '../../src/audit/facts/setting-places.ts';
import { parseTexts } from '../../src/audit/facts/texts.ts';
import { TimeWaits } from '../../src/audit/facts/time-waits.ts';
import { Destination } from '../../src/audit/parts/destinations.ts';
import { portRangeOf } from '../../src/audit/parts/port-range.ts';

test('what ss -i prints below a socket belongs to it', () => {
  const { connections, listeners, holders, timeWaits } = parseSsWithInfo(
    [
      'State      Recv-Q Send-Q Local Address:Port  Peer Address:Port Process',
      'LISTEN     3      128         127.0.0.1:9000       0.0.0.0:*     users:(("a,pid=9,fd=1)",pid=7,fd=5)) ino:11 sk:1 cgroup:/ <->',
      '\t bbr cwnd:10',
      'CLOSE-WAIT 1      0           127.0.0.1:9000     127.0.0.1:50526 ino:12 sk:a cgroup:/ --> timer:(keepalive,9sec,0)',
      '\t ts sack bbr rto:204 backoff:2 rtt:0.03/0.015 lastsnd:10 lastrcv:20 lastack:30 busy:7ms snd_wnd:512',
      'TIME-WAIT  0      0           127.0.0.1:50000    127.0.0.1:9000  timer:(timewait,59sec,0) ino:0 sk:b',
    ].join('\n'),
  );
  expect(listeners).toMatchObject([{ backlog: 128, receiveQueue: 3, sendQueue: 0, inode: 11 }]);
  expect(holders?.get(11)).toMatchObject([{ pid: 7, fd: 5 }]);
  expect(connections).toMatchObject([
    {
      state: 'CLOSE_WAIT',
      receiveQueue: 1,
      movement: {
        lastDataSentMs: 10,
        lastDataReceivedMs: 20,
        lastAckReceivedMs: 30,
        rtoMs: 204,
        backoff: 2,
        busyMs: 7,
        sendWindow: 512,
      },
    },
  ]);
  expect([...timeWaits]).toEqual([
    {
      local: { address: '127.0.0.1', port: 50_000 },
      remote: { address: '127.0.0.1', port: 9000 },
      leftMs: 59_000,
    },
  ]);
});

test('a file that sets a sysctl is found with its line, in both spellings, and comments are not', () => {
  const texts = new Map([
    ['/etc/sysctl.conf', '# net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_fin_timeout=30\n'],
    ['/etc/sysctl.d/9.conf', '-net/ipv4/tcp_tw_recycle = 1 \n;net.ipv4.tcp_tw_reuse = 1\n'],
  ]);
  const found = settingsIn(texts);
  expect([...found.keys()]).toEqual(['net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_tw_recycle']);
  expect(found.get('net.ipv4.tcp_fin_timeout')).toEqual([{ file: '/etc/sysctl.conf', line: 2, value: '30' }]);
  expect(found.get('net.ipv4.tcp_tw_recycle')).toEqual([
    { file: '/etc/sysctl.d/9.conf', line: 1, value: '1' },
  ]);
});

test('files that come through a launcher keep their lines', () => {
  const texts = parseTexts('/proc/a one\u0001two\u0001\n/proc/b \n');
  expect([...texts]).toEqual([
    ['/proc/a', 'one\ntwo\n'],
    ['/proc/b', ''],
  ]);
});

test('reserved ports are not for clients', () => {
  const settings = new Map([
    ['net.ipv4.ip_local_port_range', '1000 1009'],
    ['net.ipv4.ip_local_reserved_ports', '80,1002-1003,1009-2000'],
  ] as const);
  const range = portRangeOf({ counters: new Map(), orphans: null, settings });
  expect(range?.size).toBe(7);
  expect([1000, 1002, 1003, 1004, 1009, 1010].map((port) => range?.has(port))).toEqual([
    true,
    false,
    false,
    true,
    false,
    false,
  ]);
});

describe('the time until the ports towards a destination run out', () => {
  const at = (ages: readonly number[]) => {
    const destination = new Destination('127.0.0.1', { address: '127.0.0.1', port: 80 });
    for (const [i, age] of ages.entries()) destination.addTimeWait(1000 + i, 60_000 - age);
    return destination;
  };

  test('is what the rate of the last seconds leaves', () => {
    // Ten a second for ten seconds: 100 of 200 are used, and none comes back before the others are gone.
    const destination = at(Array.from({ length: 100 }, (_, i) => i * 100));
    expect(destination.perSecond).toBeCloseTo(10, 0);
    expect(destination.lastsMs(200)).toBeGreaterThanOrEqual(9000);
    expect(destination.lastsMs(200)).toBeLessThanOrEqual(11_000);
  });

  test('is unlimited if as many ports come back as are used', () => {
    const destination = at(Array.from({ length: 600 }, (_, i) => i * 100));
    expect(destination.lastsMs(700)).toBeNull();
    expect(destination.lastsMs(600)).toBe(0);
  });
});

test('many TIME_WAITs are kept in little memory, without losing any', () => {
  const kept = new TimeWaits();
  for (let i = 0; i < 5000; i++) {
    kept.add({ address: `10.0.0.${i % 7}`, port: i }, { address: '10.1.0.1', port: 80 }, i * 10);
  }
  expect(kept.count).toBe(5000);
  expect([...kept].map(({ local, leftMs }) => [local.address, local.port, leftMs])).toEqual(
    Array.from({ length: 5000 }, (_, i) => [`10.0.0.${i % 7}`, i, i * 10]),
  );
});
