import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programPath } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import { noSystemdMachine, SystemdMachine } from '../support/systemd-machine.ts';

/** A server of HTTP that keeps its connections open, with SO_REUSEADDR, in the background, and telling systemd, as it is asked. */
const server = `import os, socket, sys
s = socket.socket()
if '--reuse' in sys.argv: s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', int(os.environ['PORT']))); s.listen(50)
if '--fork' in sys.argv:
    if os.fork(): os._exit(0)
    os.setsid()
    open('/run/forking.pid', 'w').write(str(os.getpid()))
told = os.environ.get('NOTIFY_SOCKET')
if told: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'READY=1', told.replace('@', '\\0', 1))
kept = []
while True:
    kept.append(s.accept()[0])
    kept[-1].sendall(b'HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok')
`;
const activated = `require('http').createServer((_, answer) => answer.end('ok')).listen({ fd: 3 })`;
const deaf = `process.on('SIGTERM', () => {}); require('http').createServer((_, answer) => answer.end('ok')).listen(8087, '127.0.0.1')`;

const service = (port: number, options: string, settings = '') =>
  `[Service]\nEnvironment=PORT=${port}\nExecStart=/usr/bin/python3 /run/lab/server.py ${options}\n${settings}`;

const units = {
  'plain.service': service(8081, '--reuse'),
  'naked.service': service(8082, ''),
  'always.service': service(8083, '', 'Restart=always\n'),
  'forking.service': service(8084, '--reuse --fork', 'Type=forking\nPIDFile=/run/forking.pid\n'),
  'notify.service': service(8085, '--reuse', 'Type=notify\nRestart=always\n'),
  'act.socket': '[Socket]\nListenStream=127.0.0.1:8086\n',
  'act.service': `[Service]\nExecStart=${process.execPath} -e "${activated}"\n`,
  'deaf.service': `[Service]\nTimeoutStopSec=4\nExecStart=${process.execPath} -e "${deaf}"\n`,
  'idle.service': service(8088, ''),
};

describe('a service of systemd', unless(noSystemdMachine), () => {
  let machine: SystemdMachine;
  const tcpclose = (args: string) => machine.run(`exec ${process.execPath} ${programPath} ${args}`);
  const activeState = async (unit: string) =>
    (await machine.run(`systemctl is-active ${unit}`)).stdout.trim();

  async function restart(unit: string, options = '') {
    const { stdout, stderr, status } = await tcpclose(`restart --json --unit ${unit} ${options}`);
    if (stdout === '') throw new Error(stderr);
    const document = JSON.parse(stdout);
    expect(schemaErrors('restart', document)).toEqual([]);
    return { ...document.runs[0], command: document.command, port: document.port, status };
  }

  beforeAll(async () => {
    machine = await SystemdMachine.boot(units, { 'server.py': server });
    const started = 'plain naked always forking notify act.socket act.service deaf';
    const listening = `[ $(ss -tln 'sport >= 8081 and sport <= 8087' | grep -c LISTEN) = 7 ]`;
    await machine.run(`systemctl start ${started}; until ${listening}; do sleep 0.2; done`);
  }, 300_000);
  afterAll(() => machine?.end());

  test.each([
    ['plain', 8081, 'simple', 'no', []],
    ['forking.service', 8084, 'forking', 'no', []],
    ['notify', 8085, 'notify', 'always', []],
    ['act', 8086, 'simple', 'no', ['act.socket']],
  ])('%s survives a restart, and runs again', async (unit, port, type, restarts, sockets) => {
    const run = await restart(unit);
    expect(run).toMatchObject({ verdict: 'survives', status: 0, port });
    const name = unit.replace(/(\.service)?$/, '.service');
    expect(run.unit).toEqual({ name, scope: 'system', type, restart: restarts, sockets });
    expect(run.command).toEqual(['systemctl', 'restart', name]);
    expect(run.outageMs).toBeGreaterThan(0);
    expect(run.warnings).toEqual([]);
    expect(await activeState(unit)).toBe('active');
  });

  test.each(['naked', 'always'])(
    '%s, which lacks SO_REUSEADDR, does not survive, is explained by its own words, and runs again afterwards',
    async (unit) => {
      const run = await restart(unit);
      expect(run).toMatchObject({ verdict: 'fails', cause: 'no-reuse-address', status: 1, warnings: [] });
      expect(run.evidence.secondStart.output).toContain('Address already in use');
      expect(await activeState(unit)).toBe('active');
    },
  );

  test('one that ignores its signal is abandoned, while systemd continues and starts it again', async () => {
    const run = await restart('deaf', '--stop-timeout 1s');
    expect(run).toMatchObject({ verdict: 'fails', cause: 'signal-ignored', status: 1, warnings: [] });
    expect(run.evidence.remedy).toContain('KillSignal=');
    expect(await activeState('deaf')).toBe('active');
  });

  test('an interruption leaves it running, and says so', async () => {
    const program = `${process.execPath} ${programPath} restart --unit deaf`;
    // systemd is in the middle of the restart when its job is there.
    const inTheMiddle = `until systemctl show deaf -p ActiveState | grep -q deactivating; do :; done`;
    const { stdout, stderr } = await machine.run(
      `${program} & ${inTheMiddle}; kill -INT $!; wait $!; echo "status $?"`,
    );
    expect(stdout + stderr).toMatch(/deaf\.service\s+is\s+(de)?activ/);
    expect(stdout).toContain('status 130');
    await machine.run('until systemctl is-active deaf; do sleep 0.2; done');
  });

  test('a load that is reloaded by a signal is accounted for', async () => {
    const run = await restart('plain', '--reload HUP --load new=5/s');
    expect(run.reload.command).toContain('systemctl kill --kill-who=main --signal=SIGHUP -- plain.service');
    expect(run).toMatchObject({ cause: 'ends-at-reload', verdict: 'fails' });
    expect(await activeState('plain')).toBe('active');
  });

  test.each([
    ['idle', 'systemctl start idle.service'],
    ['nowhere', 'systemd has no unit nowhere.service'],
  ])('%s is not there to be restarted, and that is said in one line', async (unit, says) => {
    const { stdout, stderr, status } = await tcpclose(`restart --unit ${unit}`);
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toMatch(/^tcpclose: [^\n]*\n$/);
    expect(stderr).toContain(says);
  });

  test('why names the socket unit and the service, and their commands free the port', async () => {
    const { stdout } = await tcpclose('why 8086 --json');
    const { steps, holders } = JSON.parse(stdout);
    const origins = holders.flatMap(({ processes }: { processes: { origins: { name: string }[] }[] }) =>
      processes.flatMap(({ origins }) => origins.map(({ name }) => name)),
    );
    expect(origins).toEqual(['act.socket', 'act.service']);
    const commands = steps.slice(0, 2).map(({ command }: { command: string }) => command);
    expect(commands).toEqual(['systemctl stop act.socket', 'systemctl stop act.service']);
    const { status } = await machine.run(commands.join('\n'));
    expect(status).toBe(0);
    expect((await tcpclose('why 8086')).status).toBe(0);
    await machine.run('systemctl start act.socket');
    expect((await tcpclose('why 8086 --kill --yes')).stdout).toContain('act.socket');
    expect((await tcpclose('why 8086')).status).toBe(0);
  });

  test('why --kill stops a service with Restart=always, which would come back after a signal', async () => {
    const { MainPID: pid } = Object.fromEntries(
      (await machine.run('systemctl show always -p MainPID')).stdout
        .trim()
        .split('\n')
        .map((line) => line.split('=')),
    ) as { MainPID: string };
    await machine.run(`kill ${pid}; until systemctl is-active always; do sleep 0.1; done`);
    const { stdout, status } = await tcpclose('why 8083 --kill --yes --json');
    const document = JSON.parse(stdout);
    expect(schemaErrors('why', document)).toEqual([]);
    expect(document.ended).toMatchObject({
      processes: [],
      commands: [{ of: 'systemd unit always.service', failure: null }],
    });
    expect([document.situation, status]).toEqual(['free', 0]);
    await machine.run('sleep 1');
    expect(await activeState('always')).toBe('inactive');
    expect((await tcpclose('why 8083')).status).toBe(0);
    await machine.run('systemctl start always');
  });
});
