import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { movements, parseCounters, readCounterText } from '../../src/observe/counters/counters.ts';
import { meanings } from '../../src/observe/counters/meanings.ts';
import type { Place } from '../../src/observe/place.ts';
import { recorded } from '../support/recorded.ts';

describe('the counters of TCP', () => {
  test('are read from what the kernel wrote, without settings and gauges', () => {
    const counters = parseCounters(recorded('proc-net-snmp-and-netstat'));
    expect(counters.get('OutRsts')).toBe(3);
    expect(counters.get('TW')).toBe(2);
    expect(counters.get('TCPAbortOnClose')).toBe(1);
    expect(counters.has('CurrEstab')).toBe(false);
    // Of IP and UDP there are others of these files.
    expect(counters.has('InReceives')).toBe(false);
    expect(counters.has('InDatagrams')).toBe(false);
  });

  test('of the kernel that was recorded each have a meaning of one line', () => {
    const counters = parseCounters(recorded('proc-net-snmp-and-netstat'));
    expect([...counters.keys()].filter((name) => !(name in meanings))).toEqual([]);
    expect(counters.size).toBeGreaterThan(130);
    for (const meaning of Object.values(meanings)) expect(meaning).toMatch(/^[^\n]{10,100}$/);
  });

  test('are all read, whatever their names and numbers', () => {
    const name = fc.stringMatching(/^[A-Z][A-Za-z0-9]{3,20}$/).map((text) => `X${text}`);
    const table = fc.dictionary(name, fc.maxSafeNat(), { minKeys: 1 });
    fc.assert(
      fc.property(table, table, (before, after) => {
        const text = (values: Record<string, number>) =>
          `TcpExt: ${Object.keys(values).join(' ')}\nTcpExt: ${Object.values(values).join(' ')}\n`;
        expect(Object.fromEntries(parseCounters(text(before)))).toEqual({ ...before });
        const moved = movements(parseCounters(text(before)), parseCounters(text(after)));
        for (const { name, by } of moved) expect((before[name] ?? 0) + by).toBe(after[name]);
        const still = Object.keys(after).filter((name) => !moved.some((one) => one.name === name));
        for (const name of still) expect(after[name]).toBe(before[name] ?? 0);
      }),
    );
  });

  test('include only those of TCP, without settings and gauges', () => {
    const text = 'Tcp: RtoAlgorithm RtoMin RtoMax MaxConn CurrEstab InSegs\nTcp: 1 200 120000 -1 7 9\n';
    expect(Object.fromEntries(parseCounters(text))).toEqual({ InSegs: 9 });
    expect(parseCounters('Udp: InSegs\nUdp: 3\nTcpExtra: TW\nTcpExtra: 1\nXTcp: TW\nXTcp: 1\n').size).toBe(0);
  });

  test('keep the readable part if a line is truncated or garbled', () => {
    expect(Object.fromEntries(parseCounters('  TcpExt: TW  Two Three \n TcpExt: 4  x\n'))).toEqual({ TW: 4 });
    expect(parseCounters('TcpExt: TW').size).toBe(0);
    expect(parseCounters('TcpExt: TW\nTcpExt: 9007199254740993\n').size).toBe(0);
    expect(parseCounters('').size).toBe(0);
  });

  test('that moved are listed in the order of the table, by how much, with what they mean', () => {
    const before = new Map([
      ['TW', 3],
      ['Unknown', 5],
      ['TWKilled', 1],
    ]);
    const after = new Map([
      ['Unknown', 4],
      ['New', 2],
      ['TWKilled', 1],
      ['TW', 5],
    ]);
    expect(movements(before, after)).toEqual([
      { name: 'Unknown', by: -1, meaning: null },
      { name: 'New', by: 2, meaning: null },
      { name: 'TW', by: 2, meaning: meanings['TW'] },
    ]);
  });

  const placeOf = (files: Readonly<Record<string, string>>) =>
    ({ read: async (path: string) => files[path] ?? null }) as unknown as Place;

  test('are read from both files, word for word', async () => {
    const files = {
      '/proc/net/snmp': 'Tcp: InSegs\nTcp: 9\n',
      '/proc/net/netstat': 'TcpExt: TW\nTcpExt: 1\n',
    };
    expect(await readCounterText(placeOf(files))).toBe(files['/proc/net/snmp'] + files['/proc/net/netstat']);
  });

  test('cannot be read if /proc is missing', async () => {
    await expect(readCounterText(placeOf({}))).rejects.toMatchObject({
      code: 'no-counters',
      message: '/proc/net/netstat cannot be read: mount /proc there',
    });
  });
});
