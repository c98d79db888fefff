import { describe, expect, test } from 'vitest';
import { explain } from '../../src/cli/explain.ts';
import { words } from '../../src/explain/words.ts';
import { meanings } from '../../src/observe/counters/meanings.ts';
import { explainText } from '../../src/report/explain.ts';
import { createPaint } from '../../src/report/paint.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';
import { claims } from '../../src/scenario/claims.ts';
import { states } from '../../src/state.ts';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';

const names = words.map(({ name }) => name);

describe('tcpclose explain', () => {
  test.each([
    ['every state', states.filter((state) => !['NEW_SYN_RECV', 'BOUND_INACTIVE'].includes(state))],
    ['the errnos', ['EADDRINUSE', 'EADDRNOTAVAIL', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EACCES', 'EMFILE']],
    ['the segments and spans', ['SYN', 'FIN', 'RST', 'ACK', 'MSL', '2MSL', 'UDP', 'backlog']],
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
    expect(text.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });

  test.each([
    ['time-wait', 'TIME_WAIT: state'],
    ['FIN-WAIT-1', 'FIN_WAIT1: state'],
    ['estab', 'ESTABLISHED: state'],
    ['eaddrinuse', 'EADDRINUSE: errno'],
    ['tcp_fin_timeout', 'net.ipv4.tcp_fin_timeout: setting'],
    ['shutdown(2)', 'shutdown: term'],
    ['accept queue', 'backlog: term'],
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

  test('says an errno in the words of strerror(3), which programs print', async () => {
    const { stdout } = await tcpclose(['explain', 'EADDRNOTAVAIL']);
    expect(stdout).toContain('Here     Cannot assign requested address (EADDRNOTAVAIL)');
  });

  test('without a word lists all words', async () => {
    const { stdout, status } = await tcpclose(['explain']);
    const listed = stdout.split(/,?\s+/);
    expect(names.filter((name) => !listed.includes(name) && !stdout.includes(name))).toEqual([]);
    expect(status).toBe(0);
  });

  test.each([[[]], [['TIME_WAIT']], [['server-first']]])('--json keeps to its schema: %j', async (words) => {
    const { stdout, status } = await tcpclose(['explain', ...words, '--json']);
    expect(schemaErrors('explain', JSON.parse(stdout))).toEqual([]);
    expect(status).toBe(0);
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
