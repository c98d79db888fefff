import { expect, test } from 'vitest';
import { parseSs, readTime } from '../../src/observe/ss/parse.ts';

test.each([
  ['59sec', 59_000],
  ['1min5sec', 65_000],
  ['1min', 60_000],
  ['10min', 600_000],
  ['2.940ms', 2_940],
  ['368ms', 368],
  ['028ms', 28],
  ['9sec', 9_000],
  ['', 0],
])('the time %j is %i ms', (text, ms) => {
  expect(readTime(text)).toBe(ms);
});

test.each(['59', 'sec', '1min5', '2.94ms', '-1sec', '5sec1min', `${'9'.repeat(400)}sec`])(
  '%j is no time of ss',
  (text) => {
    expect(readTime(text)).toBeUndefined();
  },
);
const ends = '127.0.0.1:80 127.0.0.1:81';

test.each([
  ['State', 'not a line of ss'],
  ['ESTAB 0 0', 'not a line of ss'],
  [`x ESTAB 0 0 ${ends}`, 'not a line of ss'],
  [`DREAMING 0 0 ${ends}`, 'unknown state DREAMING'],
  ['ESTAB 0 0 127.0.0.1:65536 127.0.0.1:80', 'unknown address 127.0.0.1'],
  ['ESTAB 0 0 127.0.0.300:80 127.0.0.1:80', 'unknown address 127.0.0.300'],
  ['ESTAB 0 0 127.0.0.1:80 127.0.0.2:65536', 'unknown address 127.0.0.2'],
  ['ESTAB 0 0 127.0.0.1:80 localhost:80', 'unknown address localhost'],
  [`ESTAB 0 0 ${ends} users:(("a",pid=x,fd=1))`, 'unreadable users:(...)'],
  [`ESTAB 0 0 ${ends} users:(("a",pid=1,fd=1)`, 'unreadable users:(...)'],
  [`ESTAB 0 0 ${ends} timer:(sleep,5sec,0)`, 'unknown timer sleep'],
  [`ESTAB 0 0 ${ends} timer:(on,5,0)`, 'unknown time 5'],
  [`ESTAB 0 0 ${ends} timer:(keepalive,${'9'.repeat(400)}sec,0)`, `unknown time ${'9'.repeat(400)}sec`],
])('%s is reported with its reason', (line, reason) => {
  const { rows, unread } = parseSs(line);
  expect(rows).toEqual([]);
  expect(unread).toEqual([{ line, reason }]);
});

test('the heading is not data, wherever it is', () => {
  const heading = 'State      Recv-Q Send-Q Local Address:Port Peer Address:Port';
  expect(parseSs(`${heading}\nESTAB 0 0 ${ends}\n${heading}`)).toMatchObject({ rows: [{}], unread: [] });
  expect(parseSs(`his State Recv-Q`).unread).toHaveLength(1);
});

test.each([
  [`NEW-SYN-RECV 0 0 ${ends}`, { state: 'NEW_SYN_RECV', family: 'IPv4', timer: null, uid: null }],
  ['BOUND-INACTIVE 0 0 127.0.0.1:8080 0.0.0.0:*', { state: 'BOUND_INACTIVE', remote: { port: 0 } }],
  ['CLOSE-WAIT1      0      127.0.0.1:43726 127.0.0.1:8080', { state: 'CLOSE_WAIT', receiveQueue: 1 }],
  [
    'ESTAB 0 0 [2001:db8::1]:80[2001:db8::2]:4',
    { family: 'IPv6', remote: { address: '2001:db8::2', port: 4 } },
  ],
  [
    'ESTAB 0 0 [fe80::1]%eth0:80 [fe80::2]%eth0:4',
    { family: 'IPv6', local: { address: 'fe80::1', port: 80 }, remote: { address: 'fe80::2', port: 4 } },
  ],
  [
    `ESTAB 0 0 ${ends} users:(("x ino:7 sk:1f",pid=3,fd=1)) uid:5 ino:9 sk:2`,
    { uid: 5, inode: 9, cookie: '2', processes: [{ pid: 3, name: 'x ino:7 sk:1f' }] },
  ],
  ['LISTEN 0 128 :::22 :::*', { family: 'IPv6', local: { address: '::', port: 22 }, sendQueue: 0 }],
  [`ESTAB 0 0 ${ends} timer:(off,0,0)`, { timer: null }],
  [`ESTAB 0 0 ${ends} timer:(on,12min,3)`, { timer: { kind: 'on', leftMs: 720_000, retransmits: 3 } }],
  [`TIME-WAIT 0 0 ${ends} ino:0 sk:1f`, { uid: 0, inode: 0, cookie: '1f' }],
  [`TIME-WAIT 0 0 ${ends} sk:1f`, { uid: 0, inode: 0, cookie: '1f' }],
  [`TIME-WAIT 0 0 ${ends} sk:1f0x`, { cookie: null }],
  [`TIME-WAIT 0 0 ${ends} flask:1f`, { uid: null, inode: null, cookie: null }],
  [`ESTAB 0 0 ${ends} users:(("ino:7",pid=3,fd=1)) uid:5 ino:9 sk:0`, { uid: 5, inode: 9, cookie: null }],
])('%s', (line, row) => {
  expect(parseSs(line)).toMatchObject({ rows: [row], unread: [] });
});

test.each([
  // As ss of iproute2 6.1 prints a listener of Node with ipv6Only.
  ['[::]:8080 [::]:* users:(("node",pid=7,fd=19)) ino:9 sk:2 cgroup:/ v6only:1 <->', true],
  ['[::]:8080 [::]:* v6only:1', true],
  ['[::]:8080 [::]:* ino:9 sk:2 v6only:0 <->', undefined],
  ['[::]:8080 [::]:* ino:9 sk:2 v6only:1x <->', undefined],
  ['[::]:8080 [::]:* ino:9 sk:2 cgroup:/v6only:1 <->', undefined],
  ['[::1]:8080 [::]:* ino:9 sk:2 v6only:1 <->', undefined],
  ['*:8080 *:* ino:9 sk:2 v6only:0 <->', undefined],
])('a listener at %s takes no IPv4: %s', (ends, ipv6Only) => {
  expect(parseSs(`LISTEN 0 511 ${ends}`)).toMatchObject({ rows: [{}], unread: [] });
  expect(parseSs(`LISTEN 0 511 ${ends}`).rows[0]?.ipv6Only).toBe(ipv6Only);
});
