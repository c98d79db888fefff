import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { restart } from '../../src/api/restart.ts';
import { unitsListeningOn } from '../../src/diagnose/socket-units.ts';
import { serviceName } from '../../src/restart/unit/name.ts';
import { stateOf } from '../../src/restart/unit/systemd.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';

test.each([
  ['web', 'web.service'],
  ['web.service', 'web.service'],
  ['web@1', 'web@1.service'],
  ['my\\x2dshop.service', 'my\\x2dshop.service'],
])('%s is the service %s', (text, name) => {
  expect(serviceName(text)).toBe(name);
});

test.each([
  ['web.socket', 'name the service that it starts'],
  ['multi-user.target', 'is a target'],
  ['web@.service', 'name an instance'],
  ['--help', 'is not the name of a service'],
  ['', 'is not the name of a service'],
  ['a b.service', 'is not the name of a service'],
  ['a;reboot.service', 'is not the name of a service'],
  ['*.service', 'is not the name of a service'],
  ['../web', 'is not the name of a service'],
  ['\u001b[2Jx', 'is not the name of a service'],
  [`${'a'.repeat(250)}.service`, 'is not the name of a service'],
])('%j is not accepted as a unit', (text, why) => {
  expect(() => serviceName(text)).toThrow(why);
});

test.each([
  [['systemctl', 'restart', 'web'], 'tcpclose restart --unit web'],
  [['sudo', 'systemctl', '--user', 'start', 'web.service'], 'tcpclose restart --unit web.service --user'],
  [['/usr/sbin/service', 'web', 'restart'], 'tcpclose restart --unit web'],
  [['systemd-run', '--wait', '--pipe', 'node', 'server.js'], 'add --scope'],
])('the command %j is refused, because systemd would start the server', async (words, remedy) => {
  await expect(restart(words)).rejects.toThrow(remedy);
});

test.each([
  [{ user: true }, '--user is about a unit'],
  [{ unit: 'web', signal: 'KILL' }, 'KillSignal='],
  [{ unit: 'web', env: { A: 'b' } }, 'Environment='],
  [{ unit: 'web', drain: '1s', load: true }, 'TimeoutStopSec='],
  [{ unit: 'web', handover: true }, '--handover cannot be used with --unit'],
  [{ unit: 'web', socket: '/run/web.sock' }, '--port'],
])('%j is refused with what a unit has instead', async (options, remedy) => {
  await expect(restart([], options)).rejects.toThrow(remedy);
});

test('a unit takes no command', async () => {
  await expect(restart(['node', 'x.js'], { unit: 'web' })).rejects.toThrow('--unit takes no command');
});

test('the socket units that listen on a port are found among all', () => {
  const text = [
    'Listen=/run/initctl (FIFO)\nId=initctl.socket',
    'Listen=127.0.0.1:8086 (Stream)\nListen=[::]:9000 (Stream)\nId=act.socket',
    'Listen=18086 (Stream)\nId=other.socket',
    'Listen=[::]:8086 (Datagram)\nId=udp.socket',
    'Id=;rm.socket\nListen=0.0.0.0:8086 (Stream)',
  ].join('\n\n');
  expect(unitsListeningOn(text, 8086)).toEqual(['act.socket']);
  expect(unitsListeningOn(text, 9000)).toEqual(['act.socket']);
  expect(unitsListeningOn(text, 80)).toEqual([]);
});

const withSystemd = existsSync('/run/systemd/system') ? 'systemd is the init here' : null;

test('without systemd as init, --unit reports that in one line', unless(withSystemd), async () => {
  const { stdout, stderr, status } = await tcpclose(['restart', '--unit', 'web']);
  expect([stdout, status]).toEqual(['', 2]);
  expect(stderr).toMatch(/^tcpclose: [^\n]*(systemd does not answer|there is no systemctl)[^\n]*\n$/);
});

const folder = mkdtempSync(join(tmpdir(), 'tcpclose-units-'));
const path = process.env['PATH'];
afterAll(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

/** A systemctl that answers with these words: what a refusal of a real one looks like cannot be had without one. */
function answering(script: string): void {
  writeFileSync(join(folder, 'systemctl'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'systemctl'), 0o755);
  process.env['PATH'] = `${folder}:${path}`;
}

test('what systemctl shows is read, and what it refuses is passed on with a remedy', async () => {
  const unit = { name: 'web.service', scope: 'system' } as const;
  const shown = ['LoadState=loaded', 'ActiveState=failed', 'SubState=failed', 'MainPID=0', 'Job=12'];
  answering(
    `printf '%s\\n' ${[...shown, 'ExecMainCode=2', 'ExecMainStatus=9', 'KillSignal=3'].join(' ')} 'TriggeredBy=a.socket b.timer'`,
  );
  expect(await stateOf(unit)).toMatchObject({
    ...{ loaded: 'loaded', active: 'failed', mainPid: 0, job: 'waiting' },
    ...{ ending: { status: null, signal: 'SIGKILL' }, stopSignal: 'SIGQUIT', sockets: ['a.socket'] },
  });
  answering(`echo 'Failed to show: Access denied' >&2; exit 1`);
  await expect(stateOf(unit)).rejects.toThrow('run tcpclose as root');
});
