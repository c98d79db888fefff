import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { packagePath } from '../../src/package.ts';
import { somePort } from '../support/sockets.ts';

/** What a program of a user prints that calls the functions, and then ends by itself. */
function printed(lines: string): unknown {
  const program = `
    import { execFileSync, spawn } from 'node:child_process';
    import * as api from ${JSON.stringify(packagePath('dist/index.js'))};
    const children = () => execFileSync('ps', ['--ppid', String(process.pid), '-o', 'stat=,args='], { encoding: 'utf8' })
      .split('\\n').filter((line) => line !== '' && !line.includes('ps --ppid'));
    const codeOf = (promise) => promise.then(() => 'none', (error) => error.code ?? error.name);
    const print = (value) => console.log(JSON.stringify(value));
    ${lines}`;
  const args = ['--input-type=module', '-e', program];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

const ending = `process.on('SIGTERM', () => process.exit()); require('http').createServer().listen(${somePort()})`;

test('an aborted restart() leaves its caller no child, not even a zombie', () => {
  const found = printed(`
    const verdicts = [];
    for (let i = 0; i < 6; i++) {
      const abort = new AbortController();
      const { verdict } = await api.restart(['node', '-e', ${JSON.stringify(ending)}], {
        settle: 5000,
        abortSignal: abort.signal,
        onEvent: ({ what }) => what === 'waiting for the server to listen' && setTimeout(() => abort.abort(), 100 + 150 * i),
      });
      verdicts.push(verdict, ...children());
    }
    print(verdicts);`);
  expect(found).toEqual(Array.from({ length: 6 }, () => 'not decided'));
});

test('an aborted doctor() leaves its caller no peer', () => {
  const found = printed(`
    const abort = new AbortController();
    const onEvent = ({ name }) => name === 'every state of a connection' && setTimeout(() => abort.abort(), 150);
    const code = await codeOf(api.doctor({ onEvent, abortSignal: abort.signal }));
    print(children().filter((line) => line.includes('peer')));`);
  expect(found).toEqual([]);
});

test('once restart() and run() are over, daemons of its caller are not its children', () => {
  const found = printed(`
    await api.restart(['node', '-e', ${JSON.stringify(ending)}], { settle: 50 });
    await api.run(['true']);
    execFileSync('sh', ['-c', 'sleep 0.3 >/dev/null 2>&1 &']);
    print(children());`);
  expect(found).toEqual([]);
});

test('if the process that answers for run() is killed, only what the command started ends with it', () => {
  const found = printed(`
    const own = spawn('sleep', ['30'], { stdio: 'ignore' });
    const below = () => execFileSync('pgrep', ['-P', String(process.pid), '-f', 'supervisor'], { encoding: 'utf8' });
    const code = codeOf(api.run(['sh', '-c', 'sleep 31 & sleep 31']));
    for (;;) {
      try { execFileSync('pgrep', ['-f', 'sleep 3[1]', '-P', execFileSync('pgrep', ['-P', below().trim()], { encoding: 'utf8' }).trim()]); break; }
      catch { await new Promise((resolve) => setTimeout(resolve, 20)); }
    }
    process.kill(Number(below()), 'SIGKILL');
    const lost = await code;
    const alive = own.exitCode === null && own.signalCode === null;
    const left = children();
    own.kill();
    print({ lost, alive, left });`);
  expect(found).toEqual({
    lost: 'supervisor-lost',
    alive: true,
    left: [expect.stringMatching(/ sleep 30$/)],
  });
});

test('wrong values of an option are refused before anything is started', () => {
  const found = printed(`
    const command = ['node', '-e', ''];
    const wrong = [
      () => api.restart(command, { abortSignal: {} }),
      () => api.restart(command, { onEvent: 5 }),
      () => api.restart(command, { signal: 9 }),
      () => api.restart(command, null),
      () => api.why(1, { kill: 'yes' }),
      () => api.idle(1, { for: {} }),
      () => api.runSuite([], { shuffle: 'yes' }),
      () => api.claims([], { jobs: true }),
      () => api.freePort({ host: 5 }),
    ];
    print(await Promise.all(wrong.map((call) => codeOf(call()))));`);
  expect(found).toEqual(Array.from({ length: 9 }, () => 'bad-option'));
});

test('wrong arguments and values have codes', () => {
  const found = printed(`
    const wrong = {
      'bad-argument': [() => api.claims('C01'), () => api.merge(), () => api.runSuite('order'), () => api.matrixDiff({}, {})],
      'no-scenario': [() => api.runScenario(), () => api.runScenario({}), () => api.runSuite([{}])],
      'bad-port': [() => api.why({}), () => api.why(null), () => api.why([true])],
      'bad-observer': [() => api.runScenario('server-first', { observer: 'lsof' }), () => api.runSuite([], { observer: 'lsof' })],
      'bad-network': [() => api.runScenario('server-first', { network: 'mine' })],
      'bad-need': [() => api.runSuite([], { require: ['luck'] })],
      'bad-number': [() => api.runSuite([], { seed: -1 }), () => api.audit({ timeWaits: -1 })],
      'bad-duration': [() => api.restart(['node'], { settle: Infinity }), () => api.audit({ closeWaitAge: 'old' })],
      'bad-host': [() => api.freePort({ host: '192.0.2.1' })],
    };
    const found = {};
    for (const [code, calls] of Object.entries(wrong)) {
      found[code] = [...new Set(await Promise.all(calls.map((call) => codeOf(call()))))];
    }
    print(found);`);
  for (const [code, codes] of Object.entries(found as Record<string, string[]>))
    expect(codes).toEqual([code]);
  expect(Object.keys(found as object)).toHaveLength(9);
});

test('a threshold of audit() that is an age is a duration', () => {
  const found = printed(`
    const { thresholds } = await api.audit({ closeWaitAge: '2s', stalledAge: 1500, portsUsed: 70, for: 0 });
    print([thresholds.closeWaitAge, thresholds.stalledAge, thresholds.portsUsed]);`);
  expect(found).toEqual([2000, 1500, 70]);
});
