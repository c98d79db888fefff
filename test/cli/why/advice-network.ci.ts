import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  commandsOf,
  connected,
  pastingEnvironment as env,
  folder,
  listener,
  paste,
  shells,
  start,
  whyDocument as why,
} from '../../support/advice.ts';
import { asNobody, installed, isRoot } from '../../support/machine.ts';
import { programPath } from '../../support/program.ts';
import { somePort } from '../../support/sockets.ts';

const file = (name: string) => join(folder, name);
const tcpclose = `'${process.execPath}' '${programPath}'`;

/** Runs a script in a network of its own, where settings may be changed and sockets destroyed, and gives what it prints. */
function inNetwork(script: string): string {
  const words = ['--net', 'sh', '-c', `ip link set lo up; ${script}`];
  return execFileSync('unshare', words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

writeFileSync(
  file('choose.js'),
  `const { readFileSync } = require('fs');
const [answer, pattern] = process.argv.slice(2);
const { steps, unseen } = JSON.parse(readFileSync(answer));
const commands = [...steps, ...unseen].map(({ command }) => command);
console.log(commands.find((command) => new RegExp(pattern).test(command)) ?? 'exit 99 # not advised');`,
);

/** Asks why, pastes the command that matches, and tells both exit statuses. */
const pasting = (asking: string, port: number, pattern: string, shell: string) => `
  ${asking} why ${port} --json > '${file('answer')}'; echo "why $?"
  '${process.execPath}' '${file('choose.js')}' '${file('answer')}' '${pattern}' > '${file('command')}'
  ${shell} '${file('command')}' >&2; echo "command $?"`;

/** Python that leaves a connection of a server without SO_REUSEADDR; its client stays in another process until it is killed. */
const leaves = (port: number, then: string) => `python3 - <<'END'
import os, socket, time
s = socket.socket(); s.bind(('127.0.0.1', ${port})); s.listen()
c = socket.create_connection(('127.0.0.1', ${port})); a, _ = s.accept(); s.close(); a.close()
${then}
END`;
const clientEnds = 'c.recv(1); c.close()';
const clientStays = `if os.fork() == 0:
  open('${file('client')}', 'w').write(str(os.getpid())); os.close(1); os.close(2); time.sleep(60); os._exit(0)
while not os.path.exists('${file('client')}') or os.path.getsize('${file('client')}') == 0: time.sleep(0.01)`;
const endClient = `kill $(cat '${file('client')}'); rm '${file('client')}'`;

describe.skipIf(!isRoot || !installed('unshare'))('in a network of its own (needs root)', () => {
  describe.each(shells)('pasted into %s', (shell) => {
    const port = 18_080;

    test.each([
      ['TIME_WAIT', clientEnds, 'true'],
      ['FIN_WAIT2', clientStays, endClient],
    ])('ss -K destroys %s', (_, then, end) => {
      const said = inNetwork(
        `${leaves(port, then)}${pasting(tcpclose, port, '^ss -K', shell)}; ${tcpclose} why ${port} > /dev/null; echo "why $?"; ${end}`,
      );
      expect(said).toBe('why 1\ncommand 0\nwhy 0\n');
    });

    test('--wait returns when the kernel has freed the port', () => {
      // An orphaned FIN_WAIT2 lasts as long as this setting says.
      const short = 'echo 3 > /proc/sys/net/ipv4/tcp_fin_timeout';
      const said = inNetwork(
        `${short}\n${leaves(port, clientStays)}${pasting(tcpclose, port, '--wait$', shell)}; ${endClient}`,
      );
      expect(said).toBe('why 1\ncommand 0\n');
    });

    test('sysctl reserves the port, and keeps what was reserved', () => {
      const [program, flag, script] = connected(18_082, 40_080);
      const said = inNetwork(`
        sysctl -qw net.ipv4.ip_local_reserved_ports=5000,6000-6010
        '${program}' ${flag} '${script}' > '${file('up')}' &
        until [ -s '${file('up')}' ]; do sleep 0.05; done; rm '${file('up')}'
        ${pasting(tcpclose, 40_080, 'ip_local_reserved_ports', shell)}
        cat /proc/sys/net/ipv4/ip_local_reserved_ports; kill $!`);
      expect(said).toBe('why 1\ncommand 0\n5000,6000-6010,40080\n');
    });

    test('the sysctl lets every user bind the port', () => {
      const asking = `${asNobody.join(' ')} ${tcpclose}`;
      const said = inNetwork(
        `${pasting(asking, 80, 'unprivileged_port_start', shell)}; ${asking} why 80 > /dev/null; echo "why $?"`,
      );
      expect(said).toBe('why 1\ncommand 0\nwhy 0\n');
      expect(readFileSync(file('command'), 'utf8')).toMatch(/^sudo sysctl -w /);
    });

    test('the command for root names the hidden process', async () => {
      const port = somePort();
      const { pid } = await start(listener(port));
      const commands = commandsOf(await why(port, [], asNobody));
      expect(commands.length).toBeGreaterThan(0);
      for (const command of commands) {
        expect(command).toMatch(/^sudo /);
        const { stdout, status } = paste(command, shell);
        expect(stdout).toContain(`pid ${pid} `);
        expect(status).toBe(1);
      }
    });

    test.skipIf(!installed('nsenter'))('into another network', async () => {
      const port = somePort();
      const up = "require('child_process').execSync('ip link set lo up')";
      const { pid } = await start(['unshare', '--net', ...listener(port, up)]);
      const root = await why(port);
      const nobody = await why(port, [], asNobody);
      expect(root.elsewhere).toMatchObject([{ process: { pid } }]);
      const commands = [...commandsOf(root), ...commandsOf(nobody)];
      expect(commands).toHaveLength(2);
      expect(commands[1]).toContain('sudo nsenter');
      for (const command of commands) {
        const { stdout, status } = paste(command, shell);
        expect(stdout).toContain(`${port} is held by a listener`);
        expect(status).toBe(1);
      }
    });
  });
});
