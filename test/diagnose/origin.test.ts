import { describe, expect, test } from 'vitest';
import { asItsUser, originsOf } from '../../src/diagnose/origin.ts';
import type { ProcessFiles } from '../../src/diagnose/process-files.ts';
import { harmless, pasteableCommand } from '../../src/foreign.ts';

const nothing: ProcessFiles = { stat: '', status: '', cgroup: '', cmdline: '', environ: '' };
const id = '0123456789abcdef'.repeat(4);

describe('what a process was started by is read from its cgroup', () => {
  test.each([
    ['0::/system.slice/nginx.service', 'systemd unit', 'nginx.service', 'systemctl stop nginx.service'],
    ['0::/system.slice/ssh.service', 'systemd unit', 'ssh.service', null],
    [
      '0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope',
      'systemd unit',
      'vte-spawn-1.scope',
      null,
    ],
    ['0::/system.slice/shop@2.service', 'systemd unit', 'shop@2.service', 'systemctl stop shop@2.service'],
    [
      '0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service',
      'systemd unit',
      'shop.service',
      'systemctl --user stop shop.service',
    ],
    [
      '0::/system.slice/my\\x2dshop.service',
      'systemd unit',
      'my\\x2dshop.service',
      "systemctl stop 'my\\x2dshop.service'",
    ],
    ['0::/user.slice/user-1000.slice/session-3.scope', 'login session', '3', null],
    [`0::/system.slice/docker-${id}.scope`, 'container', '0123456789ab', 'docker stop 0123456789ab'],
    [`12:pids:/docker/${id}\n0::/docker/${id}`, 'container', '0123456789ab', 'docker stop 0123456789ab'],
    [
      `0::/machine.slice/libpod-${id}.scope/container`,
      'container',
      '0123456789ab',
      'podman stop 0123456789ab',
    ],
    [
      `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`,
      'container',
      '0123456789ab',
      'crictl stop 0123456789ab',
    ],
    [`0::/kubepods/besteffort/pod1/${id}`, 'container', '0123456789ab', 'crictl stop 0123456789ab'],
    ['0::/lxc.payload.web/init.scope', 'container', 'web', 'lxc-stop -n web'],
    [
      '0::/lxc.payload.a-rather-long-name/init.scope',
      'container',
      'a-rather-long-name',
      'lxc-stop -n a-rather-long-name',
    ],
    ['0::/machine.slice/machine-my\\x2dbox.scope', 'container', 'my-box', 'machinectl poweroff my-box'],
    [
      '0::/system.slice/x;$(id>&2).service',
      'systemd unit',
      'x;$(id>&2).service',
      "systemctl stop 'x;$(id>&2).service'",
    ],
    ['0::/system.slice/--help.service', 'systemd unit', '--help.service', null],
    ['0::/machine.slice/machine-\\x2dHroot\\x40box.scope', 'container', '-Hroot@box', null],
    ['0::/lxc.payload.--help/init.scope', 'container', '--help', null],
  ])('%s', (cgroup, kind, name, stop) => {
    const [origin] = originsOf({ ...nothing, cgroup: `${cgroup}\n` }, [], new Set());
    const command = origin?.stop ? pasteableCommand(origin.stop) : null;
    expect({ ...origin, stop: command }).toMatchObject({ kind, name, stop });
  });

  test.each(['', '0::/', '0::/user.slice/user-1000.slice/user@1000.service', '0::/init.scope'])(
    'nothing from %j',
    (cgroup) => {
      expect(originsOf({ ...nothing, cgroup }, [], new Set())).toEqual([]);
    },
  );
});

test.each([
  [1000, 'systemctl --user stop shop.service'],
  [0, 'systemctl --machine 1000@.host --user stop shop.service'],
])("a unit of user 1000's manager is stopped by user %d with %s", (uid, expected) => {
  const cgroup = '0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service\n';
  const [origin] = originsOf({ ...nothing, cgroup }, [], new Set());
  expect(origin && pasteableCommand(asItsUser(origin, uid))).toBe(expected);
});

test.each([
  [1000, 1000, 'env PM2_HOME=/srv/pm2 pm2 stop 3'],
  [1000, 0, "sudo -H -u '#1000' env PM2_HOME=/srv/pm2 pm2 stop 3"],
  [0, 0, 'env PM2_HOME=/srv/pm2 pm2 stop 3'],
])("an app of user %d's pm2 is stopped by user %d with %s", (of, uid, expected) => {
  const environ = 'HOME=/home/me\0PM2_HOME=/srv/pm2\0pm_id=3\0name=shop\0';
  const parents = [{ pid: 7, command: harmless('PM2 v7.0.4: God Daemon (/srv/pm2)') }];
  const [origin] = originsOf({ ...nothing, environ }, parents, new Set(), () => of);
  expect(origin).toMatchObject({ kind: 'pm2 app', name: 'shop' });
  expect(origin && pasteableCommand(asItsUser(origin, uid))).toBe(expected);
  expect(originsOf({ ...nothing, environ }, [], new Set())).toEqual([]);
});

test('a pid namespace reveals a container without a name', () => {
  const status = 'Name:\tnode\nNSpid:\t4242\t7\n';
  expect(originsOf({ ...nothing, status }, [], new Set())).toEqual([
    { kind: 'container', name: 'a pid namespace, in which it is 7', stop: null },
  ]);
});

test('an npm script is known by its environment, or by npm above it', () => {
  const environ = 'HOME=/root\0npm_lifecycle_event=dev\0npm_package_name=shop\0';
  expect(originsOf({ ...nothing, environ }, [], new Set())[0]).toMatchObject({ name: 'dev of shop' });
  const parents = [
    { pid: 3, command: harmless('sh -c node server.js') },
    { pid: 2, command: harmless('npm run start') },
  ];
  expect(originsOf(nothing, parents, new Set())).toEqual([
    { kind: 'npm script', name: 'npm run start', stop: null },
  ]);
});

test('a shell counts when it has a terminal', () => {
  const parents = [
    { pid: 3, command: harmless('sh -c node server.js') },
    { pid: 2, command: harmless('-zsh') },
    { pid: 1, command: harmless('init') },
  ];
  expect(originsOf(nothing, parents, new Set([2, 1]))).toEqual([
    { kind: 'shell', name: '-zsh (pid 2)', stop: null },
  ]);
  expect(originsOf(nothing, parents, new Set())).toEqual([]);
});
