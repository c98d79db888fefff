import { describe, expect, test } from 'vitest';
import { explain } from '../../src/cli/explain.ts';
import { findWord, wordsNear } from '../../src/explain/find-word.ts';
import { words } from '../../src/explain/words.ts';
import { explainText } from '../../src/report/explain.ts';
import { createPaint } from '../../src/report/paint.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';

const names = words.map(({ name }) => name);

describe('tcpclose explain', () => {
  // One counter stands for all: their texts are those of --counters.
  const told = words.filter(({ kind, name }) => kind !== 'counter' || name === 'TCPTimeWaitOverflow');
  test.each(told)('$name, with what this machine says', async ({ name }) => {
    const lines = explainText(await explain(name), await createPaint('never', false));
    const text = lines.join('\n');
    expect(text).toMatch(/\nHere {5}\S/);
    expect(text).toMatch(/\nSource {3}\S/);
    // A URL stays whole, to be opened and copied.
    const long = lines.filter((line) => [...line].length > 80 && !/^(Source)? +https:\S+$/.test(line));
    expect(long).toEqual([]);
  });

  test('tells what each scenario shows, by its title', async () => {
    const { stdout } = await tcpclose(['explain', 'TIME_WAIT']);
    expect(stdout).toContain(
      'tcpclose demo server-first\n           The side that closes first keeps the port\n',
    );
  });

  test.each([
    ['time-wait', 'TIME_WAIT: state'],
    ['FIN-WAIT-1', 'FIN_WAIT1: state'],
    ['estab', 'ESTABLISHED: state'],
    ['eaddrinuse', 'EADDRINUSE: errno'],
    ['tcp_fin_timeout', 'net.ipv4.tcp_fin_timeout: setting'],
    ['shutdown(2)', 'shutdown: term'],
    ['accept queue', 'backlog: term'],
    ['TcpExtListenOverflows', 'ListenOverflows: counter'],
    ['nf_conntrack_max', 'net.netfilter.nf_conntrack_max: setting'],
    ['/proc/sys/net/ipv4/tcp_fin_timeout', 'net.ipv4.tcp_fin_timeout: setting'],
    ['net/core/somaxconn', 'net.core.somaxconn: setting'],
    ['tcp_fastopen', 'net.ipv4.tcp_fastopen: setting'],
    ['TCP_FASTOPEN', 'TCP_FASTOPEN: socket option'],
    ['TcpEstabResets', 'EstabResets: counter'],
    ['times the listen queue of a socket overflowed', 'ListenOverflows: counter'],
    ['socket hang up', 'socket hang up: term'],
    ['Error: socket hang up, code ECONNRESET', 'socket hang up: term'],
    ['close-wait', 'close-wait: finding'],
    ['CLOSE-WAIT', 'CLOSE_WAIT: state'],
    ['gunicorn', 'gunicorn: term'],
    ['half close', 'half-close: term'],
    ['lingering close', 'lingering close: term'],
    ['socket.end()', 'end: term'],
    ['nginx', 'nginx: idle timeout'],
    ['out-of-ports', 'out of ports: finding'],
    ['tcp_syncookies', 'net.ipv4.tcp_syncookies: setting'],
    ['tcp_migrate_req', 'net.ipv4.tcp_migrate_req: setting'],
    ['server-first', 'order/server-first: '],
    ['order/server-first', 'order/server-first: '],
  ])('understands %s', async (word, heading) => {
    const { stdout } = await tcpclose(['explain', word]);
    expect(stdout.startsWith(heading)).toBe(true);
  });

  test.each([
    ['EADDRNOTAVAIL', 'ports-run-out'],
    ['tcp_max_tw_buckets', 'bucket-limit'],
  ])('%s leads to %s', async (word, scenario) => {
    const { stdout } = await tcpclose(['explain', word]);
    expect(stdout).toContain(`tcpclose demo ${scenario}\n`);
  });

  test('describes an errno in the words of strerror(3), which programs print', async () => {
    const { stdout } = await tcpclose(['explain', 'EADDRNOTAVAIL']);
    expect(stdout).toContain('Here     Cannot assign requested address (EADDRNOTAVAIL)');
  });

  test('without a word lists all words', async () => {
    const { stdout, status } = await tcpclose(['explain']);
    const listed = stdout.replaceAll(/\s+/g, ' ');
    expect(names.filter((name) => !listed.includes(name))).toEqual([]);
    expect(status).toBe(0);
  });

  test.each([[[]], [['TIME_WAIT']], [['server-first']]])('--json keeps to its schema: %j', async (words) => {
    const { stdout, status } = await tcpclose(['explain', ...words, '--json']);
    expect(schemaErrors('explain', JSON.parse(stdout))).toEqual([]);
    expect(status).toBe(0);
  });

  test('takes a term of several words without quotes', async () => {
    const { stdout, status } = await tcpclose(['explain', 'lingering', 'close']);
    expect(stdout).toMatch(/^lingering close: term\n/);
    expect(status).toBe(0);
  });

  test.each([
    ['read ECONNRESET', 'ECONNRESET'],
    ['write EPIPE', 'EPIPE'],
    ['connect ECONNREFUSED 127.0.0.1:3000', 'ECONNREFUSED'],
    ['Error: listen EADDRINUSE: address already in use :::3000', 'EADDRINUSE'],
    ['nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)', 'EADDRINUSE'],
    ['OSError: [Errno 98] Address already in use', 'EADDRINUSE'],
    ['98', 'EADDRINUSE'],
    ['WSAECONNRESET', 'ECONNRESET'],
    ['cannot assign requested address', 'EADDRNOTAVAIL'],
    ['curl: (56) Recv failure: Connection reset by peer', 'ECONNRESET'],
    ['curl: (52) Empty reply from server', 'socket hang up'],
    ['dial tcp 10.0.0.1:80: i/o timeout', 'ETIMEDOUT'],
    ['accept4() failed (24: Too many open files)', 'EMFILE'],
    ['upstream prematurely closed connection while reading response header from upstream', '502'],
    ['nf_conntrack: table full, dropping packet', 'conntrack'],
    ['TCP: time wait bucket table overflow', 'net.ipv4.tcp_max_tw_buckets'],
    ['http.Server.close()', 'server.close'],
    ['net.Socket#destroy', 'destroy'],
  ])('finds the word that is meant in a message: %s', (message, name) => {
    expect(findWord(message)?.name).toBe(name);
  });

  test.each([
    ['tcp_fin_timout', ['net.ipv4.tcp_fin_timeout']],
    ['close_weit', ['CLOSE_WAIT']],
    ['ECONRESET', ['ECONNRESET']],
    ['half shutdown', ['shutdown']],
    ['RFC 1337', ['net.ipv4.tcp_rfc1337', 'time-wait assassination']],
  ])('offers what may be meant by %s', (text, offered) => {
    expect(findWord(text)).toBeUndefined();
    expect(wordsNear(text, [])).toEqual(offered);
  });

  test('offers the nearest word', async () => {
    const { stderr, status } = await tcpclose(['explain', 'TIME_WAIY']);
    expect(stderr).toContain('did you mean "TIME_WAIT"?');
    expect(status).toBe(2);
  });
});

describe('tcpclose list', () => {
  test('names every scenario by topic', async () => {
    const { stdout, status } = await tcpclose(['list']);
    expect(status).toBe(0);
    for (const { name, topic } of catalogue()) {
      expect(stdout).toContain(`\n  ${name}\n`);
      expect(stdout).toMatch(new RegExp(`^${topic}$`, 'm'));
    }
  });
});
