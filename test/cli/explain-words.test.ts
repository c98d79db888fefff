import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { findingKinds } from '../../src/audit/registry.ts';
import { findWord } from '../../src/explain/find-word.ts';
import { spelled } from '../../src/explain/spellings.ts';
import { words } from '../../src/explain/words.ts';
import { clientNames } from '../../src/idle/clients.ts';
import { getSocketOption, socketOptionNames } from '../../src/native/options.ts';
import { meanings } from '../../src/observe/counters/meanings.ts';
import { flagNames } from '../../src/observe/packets/segment.ts';
import { portDocument } from '../../src/report/documents/why.ts';
import { lossCodes } from '../../src/restart/load/loss-code.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';
import { claims } from '../../src/scenario/claims.ts';
import { states } from '../../src/state.ts';
import { tcpclose } from '../support/program.ts';
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
});
