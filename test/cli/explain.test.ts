import { describe, expect, test } from 'vitest';
import { words } from '../../src/explain/words.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';
import { claims } from '../../src/scenario/claims.ts';
import { states } from '../../src/state.ts';
import { tcpclose } from '../support/program.ts';

const names = words.map(({ name }) => name);

describe('tcpclose explain', () => {
  test.each([
    ['every state', states.filter((state) => !['NEW_SYN_RECV', 'BOUND_INACTIVE'].includes(state))],
    ['the errnos', ['EADDRINUSE', 'EADDRNOTAVAIL', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']],
    ['the options', ['SO_REUSEADDR', 'SO_REUSEPORT', 'SO_LINGER', 'TCP_USER_TIMEOUT', 'TCP_LINGER2']],
  ])('knows %s', (_, wanted) => {
    expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
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

  test.each(words)('$name, with what this machine says', async ({ name }) => {
    const { stdout, stderr, status } = await tcpclose(['explain', name]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nHere {5}\S/);
    expect(stdout).toMatch(/\nSource {3}\S/);
    expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });

  test.each([
    ['time-wait', 'TIME_WAIT: state'],
    ['FIN-WAIT-1', 'FIN_WAIT1: state'],
    ['estab', 'ESTABLISHED: state'],
    ['eaddrinuse', 'EADDRINUSE: errno'],
    ['tcp_fin_timeout', 'net.ipv4.tcp_fin_timeout: setting'],
    ['server-first', 'order/server-first: '],
    ['order/server-first', 'order/server-first: '],
  ])('understands %s', async (word, heading) => {
    const { stdout } = await tcpclose(['explain', word]);
    expect(stdout.startsWith(heading)).toBe(true);
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
