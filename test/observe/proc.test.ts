import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { harmless } from '../../src/foreign.ts';
import { groupsOf } from '../../src/native/sockaddr.ts';
import { parseNetstat } from '../../src/observe/netstat/parse.ts';
import { linesOfPorts, parseProc } from '../../src/observe/proc/parse.ts';
import type { Row, Timer } from '../../src/observe/row.ts';
import { parseSs } from '../../src/observe/ss/parse.ts';
import { numberOfState } from '../../src/state.ts';
import { recorded } from '../support/recorded.ts';
import { rows } from '../support/rows.ts';
import { expectNoLineDropped } from '../support/unread.ts';

const table = recorded('proc-net-tcp') + recorded('proc-net-tcp6');

test('what the kernel printed is read to the last line', () => {
  const { rows, unread } = parseProc(table);
  expect(unread).toEqual([]);
  expect(rows).toHaveLength(table.trimEnd().split('\n').length - 2);
});

describe('ss, netstat and /proc report the same about the same sockets', () => {
  // They were read one after the other: the timers differ by what passed in between. Cookies are known to ss alone, and netstat
  // tells one process only.
  const essence = ({ timer, processes: _, cookie: __, ...row }: Row) =>
    JSON.stringify({ ...row, timer: timer?.kind ?? null });
  const ofProc = () => parseProc(table).rows.map(essence).sort();

  test('ss and /proc', () => {
    expect(parseSs(recorded('ss-tanpoe')).rows.map(essence).sort()).toEqual(ofProc());
  });

  test('netstat and /proc', () => {
    expect(parseNetstat(recorded('netstat-tanpoeW')).rows.map(essence).sort()).toEqual(ofProc());
  });
});

test('only the lines of the wanted ports are kept, at either end', () => {
  const kept = parseProc(linesOfPorts(table, [8086])).rows;
  expect(kept.length).toBeGreaterThan(1);
  expect(kept.every(({ local, remote }) => local.port === 8086 || remote.port === 8086)).toBe(true);
  const all = parseProc(table).rows.filter(
    ({ local, remote }) => local.port === 8086 || remote.port === 8086,
  );
  expect(kept).toEqual(all);
});

test('the processes come from whoever knows the inode', () => {
  const listener = parseProc(table, (inode) => [{ pid: inode, name: harmless('it') }]).rows[0];
  expect(listener?.processes).toEqual([{ pid: listener?.inode, name: 'it' }]);
});

const timer: fc.Arbitrary<Timer> = fc.record({
  kind: fc.constantFrom('on', 'keepalive', 'timewait', 'persist'),
  leftMs: fc.nat(720_000).map((ticks) => ticks * 10),
  retransmits: fc.nat(15),
});

test('a row written as the kernel writes it is read as it was', () => {
  const row = rows(timer, fc.constant([])).map((row) =>
    row.timer?.kind === 'timewait' ? { ...row, timer: { ...row.timer, retransmits: 0 } } : row,
  );
  fc.assert(
    fc.property(row, (row) => {
      expect(parseProc(formatProc(row))).toEqual({ rows: [row], unread: [] });
    }),
    { numRuns: 2000 },
  );
});

test('no text is dropped in silence', () => {
  const words = ['0:', '0100007F:1F90', '00000000:0000', '0A', '00:00000000', '00000000', '0', '1'];
  expectNoLineDropped(parseProc, words);
});

const timerNumbers = { on: 1, keepalive: 2, timewait: 3, persist: 4, unknown: 9 };

/** One line as get_tcp4_sock() and get_tcp6_sock() print it on a little-endian machine. */
function formatProc({ family, state, local, remote, timer, ...row }: Row): string {
  const hex = (value: number, width: number) => value.toString(16).toUpperCase().padStart(width, '0');
  const end = ({ address, port }: Row['local']) => `${formatAddress(family, address)}:${hex(port, 4)}`;
  const retransmissions = timer?.kind === 'on' ? timer.retransmits : 0;
  const probes = timer === null || timer.kind === 'on' ? 0 : timer.retransmits;
  return [
    '   0:',
    end(local),
    end(remote),
    hex(numberOfState(state), 2),
    `${hex(row.sendQueue, 8)}:${hex(row.receiveQueue, 8)}`,
    `${hex(timer === null ? 0 : timerNumbers[timer.kind], 2)}:${hex((timer?.leftMs ?? 0) / 10, 8)}`,
    hex(retransmissions, 8),
    String(row.uid).padStart(5),
    String(probes).padStart(8),
    `${row.inode} 1 00000000ee9fb250 100 0 0 10 0`,
  ].join(' ');
}

function formatAddress(family: Row['family'], address: string): string {
  const bytes =
    family === 'IPv4'
      ? Buffer.from(address.split('.').map(Number))
      : Buffer.from(
          groupsOf(address.includes(':') ? address : `::ffff:${address}`).flatMap((g) => [g >> 8, g & 255]),
        );
  return bytes.swap32().toString('hex').toUpperCase();
}

/** A line of /proc/net/tcp with other fields at some places. */
function lineWith(fields: Readonly<Record<number, string>>): string {
  const usual =
    '0: 0100007F:1F90 0200007F:9C40 01 00000003:00000002 01:0000000A 00000004 33 5 12 1 0000 20 4 30 10 -1';
  return usual
    .split(' ')
    .map((field, i) => fields[i] ?? field)
    .join(' ');
}

test.each([
  ['no line', 'x', 'not a line of /proc/net/tcp'],
  ['a line behind something', `x ${lineWith({})}`, 'not a line of /proc/net/tcp'],
  ['a heading behind something', 'x sl local_address', 'not a line of /proc/net/tcp'],
  ['an address of nine digits', lineWith({ 1: '0100007F0:1F90' }), 'not a line of /proc/net/tcp'],
  ['an inode with a tail', lineWith({ 9: '12x' }), 'not a line of /proc/net/tcp'],
  ['a state of the future', lineWith({ 3: '0E' }), 'unknown state 0E'],
  ['two families', lineWith({ 2: `${'0'.repeat(32)}:0000` }), 'addresses of two families'],
])('%s is reported with its reason', (_, line, reason) => {
  expect(parseProc(line)).toEqual({ rows: [], unread: [{ line, reason }] });
});

test.each<[string, Readonly<Record<number, string>>, Partial<Row>]>([
  [
    'the usual one',
    {},
    { state: 'ESTABLISHED', sendQueue: 3, receiveQueue: 2, uid: 33, inode: 12, family: 'IPv4' },
  ],
  ['a retransmission', {}, { timer: { kind: 'on', leftMs: 100, retransmits: 4 } }],
  ['a probe', { 5: '02:0000000A' }, { timer: { kind: 'keepalive', leftMs: 100, retransmits: 5 } }],
  ['TIME_WAIT', { 5: '03:0000000A' }, { timer: { kind: 'timewait', leftMs: 100, retransmits: 0 } }],
  ['a zero window', { 5: '04:0000000A' }, { timer: { kind: 'persist', leftMs: 100, retransmits: 5 } }],
  [
    'a timer of the future',
    { 5: '07:0000000A' },
    { timer: { kind: 'unknown', leftMs: 100, retransmits: 5 } },
  ],
  ['no timer', { 5: '00:0000000A' }, { timer: null }],
  [
    'IPv6',
    { 1: `${'0'.repeat(32)}:0050`, 2: `${'0'.repeat(32)}:0000` },
    { family: 'IPv6', local: { address: '::', port: 80 } },
  ],
])('%s', (_, fields, row) => {
  expect(parseProc(lineWith(fields))).toMatchObject({ rows: [row], unread: [] });
});

test('the processes of no socket are not asked for', () => {
  const holders = () => [{ pid: 1, name: harmless('any') }];
  expect(parseProc(lineWith({ 9: '0' }), holders).rows[0]?.processes).toEqual([]);
  expect(parseProc(lineWith({}), holders).rows[0]?.processes).toHaveLength(1);
  expect(parseProc(lineWith({})).rows[0]?.processes).toEqual([]);
});

test('lines that cannot be read are kept, and blank ones are not', () => {
  const line = lineWith({});
  expect(linesOfPorts(`  sl\n${line}\n \nx`, [0x1f90])).toBe(`  sl\n${line}\nx`);
  expect(linesOfPorts(line, [0x9c40])).toBe(line);
  expect(linesOfPorts(`x ${line}`, [8081])).toBe(`x ${line}`);
  const web = lineWith({ 1: '0100007F:0050' });
  expect(linesOfPorts(`${line}\n${web}`, [80])).toBe(web);
  expect(linesOfPorts(line, [8081])).toBe('');
});
