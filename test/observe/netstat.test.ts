import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { harmless } from '../../src/foreign.ts';
import { parseNetstat } from '../../src/observe/netstat/parse.ts';
import type { Row, Timer } from '../../src/observe/row.ts';
import { recorded } from '../support/recorded.ts';
import { holders, rows } from '../support/rows.ts';
import { expectNoLineDropped } from '../support/unread.ts';

describe('what netstat printed', () => {
  test('is read to the last line', () => {
    const text = recorded('netstat-tanpoeW');
    const { rows, unread } = parseNetstat(text);
    expect(unread).toEqual([]);
    expect(rows).toHaveLength(text.trimEnd().split('\n').length - 2);
  });

  test('is parsed even without privileges, when it names no process', () => {
    const { rows } = parseNetstat(recorded('netstat-unprivileged'));
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.flatMap(({ processes }) => processes)).toEqual([]);
  });

  test('an address that netstat has cut off is reported and not taken for another', () => {
    const { rows, unread } = parseNetstat(recorded('netstat-tanpo-cut-off'));
    expect(unread).toHaveLength(3);
    expect(unread.map(({ reason }) => reason)).toEqual(
      unread.map(() => 'cut off or unknown address 2001:db8:1234:567'),
    );
    expect(rows.map(({ local }) => local.address)).not.toContain('2001:db8:1234:567');
  });

  test('the notices of an unprivileged run do not count as lines that were left out', () => {
    const notice =
      '(Not all processes could be identified, non-owned process info\n' +
      ' will not be shown, you would have to be root to see it all.)\n';
    expect(parseNetstat(notice)).toEqual({ rows: [], unread: [] });
  });
});

test.each([
  ['tcp 0 0 127.0.0.1:8080 127.0.0.1:50000 TIME_WAIT 0 0 - timewait (59.92/0/0)', 'timewait', 59_920, 0],
  ['tcp 0 1 127.0.0.1:50000 127.0.0.1:8080 SYN_SENT 0 77 7/node on (3.07/4/0)', 'on', 3_070, 4],
  ['tcp 0 9 127.0.0.1:50000 127.0.0.1:8080 FIN_WAIT1 0 0 - probe (1.50/0/2)', 'persist', 1_500, 2],
  [
    'tcp 0 0 127.0.0.1:50000 127.0.0.1:8080 ESTABLISHED 0 7 7/nginx: master p keepalive (7190.12/0/1)',
    'keepalive',
    7_190_120,
    1,
  ],
  ['tcp 0 0 127.0.0.1:50000 127.0.0.1:8080 ESTABLISHED 0 7 7/node unkn-12 (1.00/0/0)', 'unknown', 1_000, 0],
])('%s has its timer', (line, kind, leftMs, retransmits) => {
  expect(parseNetstat(line).rows[0]?.timer).toEqual({ kind, leftMs, retransmits });
});

test.each([
  ['tcp 0 0 127.0.0.1:22 0.0.0.0:* LISTEN 7/sshd: /usr/sbin', 'sshd: /usr/sbin'],
  ['tcp 0 0 127.0.0.1:22 0.0.0.0:* LISTEN 0 99 7/nginx: master p off (0.00/0/0)', 'nginx: master p'],
])('%s tells a process that is called %j', (line, name) => {
  expect(parseNetstat(line).rows[0]?.processes).toEqual([{ pid: 7, name }]);
});

// Hundredths of a second, and one process at the most, whose name does not begin or end in blanks.
const timer: fc.Arbitrary<Timer> = fc.record({
  kind: fc.constantFrom('on', 'keepalive', 'timewait', 'persist'),
  leftMs: fc.nat(720_000).map((hundredths) => hundredths * 10),
  retransmits: fc.nat(15),
});
const name = fc
  .string({ maxLength: 12, unit: 'grapheme-ascii' })
  .map((text) => harmless(text.trim().replace(/\s+/g, ' ')));

test('a row written as netstat writes it is read as it was', () => {
  fc.assert(
    fc.property(rows(timer, holders(name, 1)), (row) => {
      expect(parseNetstat(formatNetstat(row))).toEqual({ rows: [row], unread: [] });
    }),
    { numRuns: 2000 },
  );
});

test('no text is dropped in silence', () => {
  const words = [
    'tcp',
    'tcp6',
    '0',
    '0',
    '127.0.0.1:80',
    '::1:80',
    ':::*',
    'LISTEN',
    '7/node',
    'off (0.00/0/0)',
  ];
  expectNoLineDropped(parseNetstat, words);
});

const timerNames = {
  on: 'on',
  keepalive: 'keepalive',
  timewait: 'timewait',
  persist: 'probe',
  unknown: 'unkn-9',
};

/** One line as `netstat -tanpoeW` prints it. */
function formatNetstat({ family, state, local, remote, timer, processes, ...row }: Row): string {
  const ends = [local, remote].map(({ address, port }) => `${address}:${port === 0 ? '*' : port}`.padEnd(23));
  const [holder] = processes;
  const count = timer?.kind === 'on' ? `${timer.retransmits}/0` : `0/${timer?.retransmits ?? 0}`;
  const columns = [
    (family === 'IPv6' ? 'tcp6' : 'tcp').padEnd(5),
    String(row.receiveQueue).padStart(6),
    String(row.sendQueue).padStart(6),
    ...ends,
    (state === 'CLOSED' ? 'CLOSE' : state).padEnd(11),
    String(row.uid).padEnd(10),
    String(row.inode).padEnd(10),
    (holder === undefined ? '-' : `${holder.pid}/${holder.name}`).padEnd(20),
    timer === null
      ? 'off (0.00/0/0)'
      : `${timerNames[timer.kind]} (${(timer.leftMs / 1000).toFixed(2)}/${count})`,
  ];
  return columns.join(' ');
}

test.each([
  ['a port that there is not', 'tcp 0 0 127.0.0.1:65536 127.0.0.1:80 ESTABLISHED'],
  [
    'a time without end',
    `tcp 0 0 127.0.0.1:80 127.0.0.1:81 ESTABLISHED - keepalive (${'9'.repeat(400)}.00/0/0)`,
  ],
])('%s is not believed', (_, line) => {
  const { rows, unread } = parseNetstat(line);
  expect(rows).toEqual([]);
  expect(unread).toHaveLength(1);
});

const ends = '127.0.0.1:80 127.0.0.1:81';

test.each([
  ['tcp', 'not a line of netstat'],
  [`x tcp 0 0 ${ends} ESTABLISHED`, 'not a line of netstat'],
  [`udp 0 0 ${ends} ESTABLISHED`, 'not a line of netstat'],
  ['his Active Internet connections', 'not a line of netstat'],
  ['they will not be shown, you would have to be root', 'not a line of netstat'],
  [`tcp 0 0 ${ends} ESTABLISHED-7`, 'not a line of netstat'],
  [`tcp 0 0 ${ends} DREAMING`, 'unknown state DREAMING'],
  ['tcp 0 0 127.0.0.1:65536 127.0.0.1:81 ESTABLISHED', 'cut off or unknown address 127.0.0.1'],
  ['tcp 0 0 127.0.0.:80 127.0.0.1:81 ESTABLISHED', 'cut off or unknown address 127.0.0.'],
  ['tcp 0 0 127.0.0.1:80 127.0.0.2:65536 ESTABLISHED', 'cut off or unknown address 127.0.0.2'],
  ['tcp 0 0 127.0.0.1:80 localhost:81 ESTABLISHED', 'cut off or unknown address localhost'],
  [`tcp 0 0 ${ends} ESTABLISHED node`, 'unreadable process node'],
  [`tcp 0 0 ${ends} ESTABLISHED 0 7 x7/node`, 'unreadable process x7/node'],
  [`tcp 0 0 ${ends} ESTABLISHED 0 7 - on (${'9'.repeat(400)}.00/0/0)`, 'unknown time of a timer'],
])('%s is reported with its reason', (line, reason) => {
  expect(parseNetstat(line)).toEqual({ rows: [], unread: [{ line, reason }] });
});

test.each([
  [
    `tcp 0 5 ${ends} CLOSE`,
    { state: 'CLOSED', sendQueue: 5, uid: null, inode: null, timer: null, processes: [] },
  ],
  ['tcp6 2 5 :::80 :::* LISTEN', { family: 'IPv6', receiveQueue: 2, sendQueue: 0 }],
  [`tcp 0 0 ${ends} TIME_WAIT 0 12 -`, { family: 'IPv4', uid: 0, inode: 12, processes: [] }],
  [`tcp 0 0 ${ends} TIME_WAIT 33 12`, { uid: 33, inode: 12, processes: [] }],
  [`tcp 0 0 ${ends} TIME_WAIT off (0.00/0/0)`, { uid: null, timer: null }],
  [
    `tcp 0 0 ${ends} ESTABLISHED 0 7 7/on on (2.00/3/0)`,
    { timer: { kind: 'on', leftMs: 2000, retransmits: 3 } },
  ],
  [`tcp 0 0 ${ends} LISTEN 7/job 12 13 14`, { processes: [{ pid: 7, name: 'job 12 13 14' }], uid: null }],
  [
    `tcp 0 0 ${ends} ESTABLISHED 1 7 7/a on (1.00/0/0) b off (0.00/0/0)`,
    { processes: [{ pid: 7, name: 'a on (1.00/0/0) b' }], timer: null },
  ],
  [
    `tcp 0 0 ${ends} ESTABLISHED 1 7 7/a on (-1/0/0)`,
    { processes: [{ pid: 7, name: 'a on (-1/0/0)' }], timer: null },
  ],
  [
    `tcp 0 0 ${ends} ESTABLISHED 1 7 7/a off (0.00/-1/-1)`,
    { processes: [{ pid: 7, name: 'a' }], timer: null },
  ],
])('%s', (line, row) => {
  expect(parseNetstat(line)).toMatchObject({ rows: [row], unread: [] });
});

test('its headings are not data', () => {
  const headings = [
    'Active Internet connections (w/o servers)',
    'Proto Recv-Q Send-Q',
    '(No info could be read for "-p")',
  ];
  expect(parseNetstat(headings.join('\n'))).toEqual({ rows: [], unread: [] });
});
