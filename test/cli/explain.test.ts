import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { findingKinds } from '../../src/audit/registry.ts';
import { explain } from '../../src/cli/explain.ts';
import { findWord, wordsNear } from '../../src/explain/find-word.ts';
import { spelled } from '../../src/explain/spellings.ts';
import { words } from '../../src/explain/words.ts';
import { clientNames } from '../../src/idle/clients.ts';
import { getSocketOption, socketOptionNames } from '../../src/native/options.ts';
import { meanings } from '../../src/observe/counters/meanings.ts';
import { flagNames } from '../../src/observe/packets/segment.ts';
import { portDocument } from '../../src/report/documents/why.ts';
import { explainText } from '../../src/report/explain.ts';
import { createPaint } from '../../src/report/paint.ts';
import { lossCodes } from '../../src/restart/load/loss-code.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';
import { claims } from '../../src/scenario/claims.ts';
import { states } from '../../src/state.ts';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { somePort } from '../support/sockets.ts';

const names = words.map(({ name }) => name);

describe('tcpclose explain', () => {
  test.each([
    ['every state', states],
    ['the errnos', ['EADDRINUSE', 'EADDRNOTAVAIL', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EACCES', 'EMFILE']],
    ['the segments and spans', ['SYN', 'FIN', 'RST', 'ACK', 'MSL', '2MSL', 'UDP', 'backlog']],
    ['every flag of a segment', flagNames],
    ['the calls', ['close', 'shutdown', 'half-close', 'destroy', 'keepAliveTimeout']],
    ['every counter of the kernel', Object.keys(meanings)],
    ['the options', ['SO_REUSEADDR', 'SO_REUSEPORT', 'SO_LINGER', 'TCP_USER_TIMEOUT', 'TCP_LINGER2']],
  ])('knows %s', (_, wanted) => {
    expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('knows a counter by the name that nstat gives it', async () => {
    const { stdout } = await tcpclose(['explain', 'TcpExtTCPTimeWaitOverflow']);
    expect(stdout).toMatch(/^TCPTimeWaitOverflow: counter\n/);
  });

  test('knows every setting that a claim names', () => {
    const text = JSON.stringify(claims);
    const named = new Set(text.match(/\b(?:tcp|ip)_[a-z0-9_]+\b/g));
    const known = names.map((name) => name.replace(/^net\.(ipv4|core)\./, ''));
    expect([...named].filter((name) => !known.includes(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(4);
  });

  describe('knows each word that other commands print:', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('explain/'))
      .map((file) => readFileSync(`src/${file}`, 'utf8'));
    const found = (pattern: RegExp) => new Set(sources.flatMap((text) => text.match(pattern) ?? []));
    // Not by the words that findWord() would take for another.
    const unknown = (wanted: Iterable<string>) => [...wanted].filter((word) => findWord(word) === undefined);

    test('the errnos in its source', () => {
      const named = [...found(/(?<![\w$])E[A-Z0-9]{3,}(?!\w)/g)].filter((name) => name in constants.errno);
      expect(named.length).toBeGreaterThan(20);
      expect(unknown(named)).toEqual([]);
    });

    test('the settings in its source', () => {
      const named = [
        ...found(/\b(?:net\.(?:ipv4|ipv6|core|netfilter)|kernel\.yama)\.[a-z]\w*[a-z0-9](?!\.)\b/g),
      ];
      const settings = named.filter((name) => !/\.conf$/.test(name));
      expect(settings.length).toBeGreaterThan(20);
      expect(unknown(settings)).toEqual([]);
    });

    test('the counters of this kernel that have a meaning', () => {
      expect(unknown(Object.keys(meanings))).toEqual([]);
    });

    test('the socket options of the lab', () => expect(unknown(socketOptionNames)).toEqual([]));

    test('the findings of audit, and why requests were lost', () => {
      expect(unknown(findingKinds.map(({ name }) => name))).toEqual([]);
      expect(unknown(lossCodes)).toEqual([]);
    });

    test('the causes of restart, and the situations of why', () => {
      const causes = /export type CauseCode =((?:\s*\|\s*'[\w-]+')+)/.exec(
        readFileSync('src/restart/trial.ts', 'utf8'),
      );
      const named = causes?.[1]?.match(/[\w-]+/g) ?? [];
      expect(named.length).toBeGreaterThan(5);
      expect(unknown(named)).toEqual([]);
      expect(unknown(portDocument.entries.situation.pipe[0].options)).toEqual([]);
    });

    test('the clients of idle', () => expect(unknown(clientNames)).toEqual([]));
  });

  test('names scenarios that exist', () => {
    const scenarios = catalogue().map(({ name }) => name);
    expect(words.flatMap(({ shownBy }) => shownBy).filter((name) => !scenarios.includes(name))).toEqual([]);
  });

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

  // Each way in which Node opens a socket, asked of the socket itself.
  test('SO_REUSEADDR is on for servers and bound clients of Node, and off for other clients', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const clients = [{ localAddress: '127.0.0.2' }, { localPort: somePort() }, {}].map((local) =>
      connect({ host: '127.0.0.1', port, ...local }),
    );
    await Promise.all(clients.map((client) => once(client, 'connect')));
    const read = [server, ...clients].map((socket) => {
      const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
      return getSocketOption(fd, 'SO_REUSEADDR');
    });
    for (const client of clients) client.destroy();
    server.close();
    expect(read).toEqual([1, 1, 1, 0]);
    expect(findWord('SO_REUSEADDR')?.text).toContain(
      'on each server, and on clients with localAddress or localPort',
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

  test('every spelling is that of a word', () => {
    expect(spelled.filter(([, name]) => !names.includes(name))).toEqual([]);
    // A spelling that is a name as well would hide that word.
    const hidden = spelled.filter(([spelling, name]) => names.includes(spelling) && spelling !== name);
    expect(hidden).toEqual([]);
    expect(names.filter((name) => findWord(name)?.name !== name)).toEqual([]);
  });

  test.skipIf(!existsSync('/proc/net/netstat'))('knows every counter of this kernel that counts TCP', () => {
    const text = readFileSync('/proc/net/netstat', 'utf8') + readFileSync('/proc/net/snmp', 'utf8');
    const counted = [...text.matchAll(/^Tcp(?:Ext)?: (\D.*)$/gm)].flatMap(([, all]) =>
      (all ?? '').split(' '),
    );
    const limits = ['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn'];
    expect(counted.length).toBeGreaterThan(20);
    expect(counted.filter((name) => !limits.includes(name) && findWord(name) === undefined)).toEqual([]);
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
