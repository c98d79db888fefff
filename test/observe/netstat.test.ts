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

  test('is read without privileges, too, where no process is told', () => {
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

  test('the notices of an unprivileged run are no lines that were left out', () => {
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
  ['tcp 0 0 127.0.0.1:50000 127.0.0.1:8080 ESTABLISHED 0 7 7/node unkn-5 (1.00/0/0)', 'unknown', 1_000, 0],
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
