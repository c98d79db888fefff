import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Row, Timer } from '../../src/observe/row.ts';
import { parseSs, ssStates } from '../../src/observe/ss/parse.ts';
import { recorded } from '../support/recorded.ts';
import { comm, holders, rows } from '../support/rows.ts';
import { expectNoLineDropped } from '../support/unread.ts';

describe('what ss printed', () => {
  test.each(['ss-tanpo', 'ss-tanpoe', 'ss-tanpoe-unprivileged', 'ss-tanpo-narrow-terminal'])(
    '%s is read to the last line',
    (name) => {
      const text = recorded(name);
      const { rows, unread } = parseSs(text);
      expect(unread).toEqual([]);
      expect(rows).toHaveLength(text.trimEnd().split('\n').length - 1);
    },
  );

  const rowAt = (local: string, localPort: number, state: string): Row | undefined =>
    parseSs(recorded('ss-tanpoe')).rows.find(
      (row) => row.local.address === local && row.local.port === localPort && row.state === state,
    );

  test('an orphaned FIN_WAIT2 has a timer and no holder', () => {
    expect(rowAt('127.0.0.1', 8080, 'FIN_WAIT2')).toMatchObject({
      family: 'IPv4',
      timer: { kind: 'timewait', leftMs: 56_000, retransmits: 0 },
      processes: [],
      uid: 0,
      inode: 0,
      cookie: expect.stringMatching(/^[0-9a-f]+$/),
    });
  });

  test('a dual-stack listener is IPv6, and its IPv4 connections have IPv4 addresses', () => {
    expect(rowAt('::', 8082, 'LISTEN')?.family).toBe('IPv6');
    expect(rowAt('127.0.0.1', 8082, 'TIME_WAIT')?.family).toBe('IPv6');
  });

  test('a zone is not part of the address', () => {
    expect(rowAt('fe80::1', 8085, 'LISTEN')).toBeDefined();
  });

  test('the backlog of a listener is not its send queue', () => {
    expect(rowAt('127.0.0.1', 8080, 'LISTEN')?.sendQueue).toBe(0);
  });

  test('several processes hold one socket, whatever they call themselves', () => {
    const names = rowAt('127.0.0.1', 8080, 'LISTEN')?.processes.map(({ name }) => name);
    // ss itself cuts "par(en)s" at its first closing parenthesis.
    expect(names).toEqual(['python3', 'a b', 'we"ird', 'par(en', 'c",pid=7,fd=3']);
  });

  test('a SYN that is sent again runs a timer with its count', () => {
    const waiting = parseSs(recorded('ss-tanpoe')).rows.find(({ state }) => state === 'SYN_SENT');
    expect(waiting?.timer).toMatchObject({ kind: 'on' });
    expect(waiting?.timer?.retransmits).toBeGreaterThan(0);
  });

  test('without -e, user and inode are unknown', () => {
    expect(parseSs(recorded('ss-tanpo')).rows[0]).toMatchObject({ uid: null, inode: null, cookie: null });
  });

  test('without privileges the processes of others are not there', () => {
    expect(parseSs(recorded('ss-tanpoe-unprivileged')).rows.flatMap(({ processes }) => processes)).toEqual(
      [],
    );
  });
});

describe('the spelling of other releases', () => {
  test.each([
    ['no blank behind a long state', 'CLOSE-WAIT1      0      127.0.0.1:43726 127.0.0.1:8080'],
    [
      'no blank before the processes',
      'LISTEN 0 128 [::]:111 [::]:*users:(("rpcbind",pid=513,fd=7),("systemd",pid=1,fd=80))',
    ],
    ['IPv6 without brackets', 'LISTEN 0 128 :::22 :::*'],
    ['bound without listening', 'BOUND-INACTIVE 0 0 127.0.0.1:8080 0.0.0.0:*'],
    ['addresses that touch', 'ESTAB 0 0 [2001:db8::1]:80[2001:db8::2]:40000'],
  ])('%s', (_, line) => {
    const { rows, unread } = parseSs(line);
    expect(unread).toEqual([]);
    expect(rows).toHaveLength(1);
  });
});

// ss tells less of a long time: whole seconds from ten on, whole minutes from ten on.
const span = fc.oneof(
  fc.integer({ min: 0, max: 9_999 }),
  fc.integer({ min: 10, max: 599 }).map((seconds) => seconds * 1000),
  fc.integer({ min: 10, max: 120 }).map((minutes) => minutes * 60_000),
);
const timer: fc.Arbitrary<Timer> = fc.record({
  kind: fc.constantFrom('on', 'keepalive', 'timewait', 'persist', 'unknown'),
  leftMs: span,
  retransmits: fc.nat(15),
});

test('a row written as ss writes it is read as it was', () => {
  fc.assert(
    fc.property(
      rows(timer, holders(comm, 4)),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (bare, number) => {
        const row = { ...bare, cookie: number === 0n ? null : number.toString(16) };
        const { rows: read, unread } = parseSs(formatSs(row));
        expect(unread).toEqual([]);
        expect(read).toEqual([row]);
      },
    ),
    { numRuns: 2000 },
  );
});

test('no text is dropped in silence', () => {
  const words = [
    'ESTAB',
    'TIME-WAIT',
    '0',
    '0',
    '127.0.0.1:80',
    '[::1]:80',
    '*:*',
    'users:((',
    'timer:(on,5sec,0)',
  ];
  expectNoLineDropped(parseSs, words, (line) => !/^\s*State\s+Recv-Q/.test(line));
});

/** One line as `ss -tanpoe` prints it. */
function formatSs(row: Row): string {
  const state = Object.entries(ssStates).find(([, known]) => known === row.state)?.[0];
  const users = row.processes.map(({ pid, name }) => `("${name}",pid=${pid},fd=3)`);
  const details = [
    users.length === 0 ? '' : `users:(${users.join(',')})`,
    row.timer === null
      ? ''
      : `timer:(${row.timer.kind},${formatTime(row.timer.leftMs)},${row.timer.retransmits})`,
    row.uid === 0 ? '' : `uid:${row.uid}`,
    `ino:${row.inode} sk:${row.cookie ?? '0'} cgroup:/ <->`,
  ];
  const ends = [row.local, row.remote].map(
    ({ address, port }) => `${formatHost(row, address)}:${port === 0 ? '*' : port}`,
  );
  return [state, row.receiveQueue, row.sendQueue, ...ends, ...details.filter((text) => text !== '')].join(
    ' ',
  );
}

function formatHost({ family }: Row, address: string): string {
  if (family === 'IPv4') return address;
  if (address === '::') return '*';
  return address.includes(':') ? `[${address}]` : `[::ffff:${address}]`;
}

function formatTime(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor(ms / 1000) % 60;
  const rest = minutes > 0 || seconds > 9 ? 0 : ms % 1000;
  const minutesText = minutes > 0 ? `${minutes}min` : '';
  const secondsText = seconds > 0 && minutes < 10 ? `${seconds}${rest > 0 ? '.' : 'sec'}` : '';
  return minutesText + secondsText + (rest > 0 ? `${String(rest).padStart(3, '0')}ms` : '');
}
