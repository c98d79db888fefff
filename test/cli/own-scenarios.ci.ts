import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tcpclose } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('own-scenarios');

const inFolder = { prefix: ['sh', '-c', `cd "${folder}" && exec "$@"`, 'sh'] };
const oneLine = /^tcpclose: [^\n]+\n$/;

/** A scenario whose run goes on with these lines, which begin at line 9 of the file. */
function save(name: string, lines: string): string {
  const text = `import { integer, scenario } from 'tcpclose';
export default scenario({
  title: 'One of my own', claim: 'It holds.', source: [], decides: [], control: 'end',
  parameters: { clients: integer(5, { min: 1, max: 100 }, 'how many') },
  async run({ lab, expect, step }: any) {
    await step('the client closes');
    const server = await lab.server();
    const client = await lab.client(server);
    ${lines}
  },
});
`;
  writeFileSync(join(folder, name), text);
  return `./${name}`;
}

const good = "await client.end(); await expect(client).state('FIN_WAIT2');";

test('demo ends by itself, with the name of the file, if it loops without an end', async () => {
  const { stderr, status } = await tcpclose(['demo', save('looping.ts', 'for (;;) {}')], inFolder);
  expect(stderr).toBe(
    'tcpclose: looping.ts: nothing else could run for 10 s: look for a loop that does not end, or has no "await"\n',
  );
  expect(status).toBe(2);
});

describe("a mistake in a scenario of the user's own is one line with its place, and status 2", () => {
  test.each([
    ["throw new Error('boom');", 'mine.ts:9: boom'],
    ['client.ned();', 'mine.ts:9: "client" has no "ned": did you mean "end"?'],
    ['lab.sever();', 'mine.ts:9: "lab" has no "sever": did you mean "server"?'],
    ['lab.kernel.sysctll();', '"lab.kernel" has no "sysctll": did you mean "sysctl"?'],
    ['client.measure.infos();', '"client.measure" has no "infos": did you mean "info"?'],
    ["await expect(client).sate('FIN_WAIT2');", '"expect(...)" has no "sate": did you mean "state"?'],
    [
      "await expect(client).state('FIN_WAIT3');",
      'mine.ts:9: "FIN_WAIT3" is not a state of a TCP socket: did you mean',
    ],
    ["client.end(); throw new Error('boom');", 'mine.ts:9: boom'],
    [
      "await expect(client).state('ESTABLISHED'); lab.wire.captured(client);",
      'mine.ts:9: lab.wire.captured() was not awaited',
    ],
    [
      "await expect(client).state('ESTABLISHED'); server.read(9);",
      'mine.ts:9: server.read() was not awaited',
    ],
    ["expect(client).state('LISTEN');", 'mine.ts:9: expect(...).state() was not awaited'],
    ["setTimeout(() => { throw new Error('later'); }, 1); await new Promise(() => {});", 'mine.ts:9: later'],
    ["void Promise.reject(new Error('lost')); await new Promise(() => {});", 'mine.ts:9: lost'],
    ['process.exit(0);', 'mine.ts:9: process.exit() would end tcpclose'],
    [
      'setTimeout(() => process.exit(0), 1); await new Promise(() => {});',
      'mine.ts:9: process.exit() would end',
    ],
    ['process.reallyExit(0);', 'mine.ts:9: process.exit() would end tcpclose'],
    ['await client.end();', 'the scenario made no check'],
  ])('%s', async (lines, message) => {
    const { stderr, status } = await tcpclose(['demo', save('mine.ts', lines)], inFolder);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test('a value out of range', async () => {
    const file = save('range.ts', good);
    const { stderr, status } = await tcpclose(['demo', file, '--clients', '1000'], inFolder);
    expect(stderr).toBe('tcpclose: --clients: "1000" is not a whole number from 1 to 100\n');
    expect(status).toBe(2);
  });

  test('a need that does not exist', async () => {
    writeFileSync(
      join(folder, 'needy.ts'),
      readFileSync(join(folder, save('n.ts', good)), 'utf8').replace('source:', "needs: ['luck'], source:"),
    );
    const { stderr, status } = await tcpclose(['demo', './needy.ts'], inFolder);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain('"luck", which is not a need');
    expect(status).toBe(2);
  });
});

test('a timer that is left does not keep the run from ending', async () => {
  const { stderr, stdout, status } = await tcpclose(
    ['demo', save('timer.ts', `setInterval(() => {}, 1000); ${good}`)],
    inFolder,
  );
  expect(stderr).toBe('');
  expect(stdout).toMatch(/1 of 1 as expected/);
  expect(status).toBe(0);
});

test('what a scenario does rightly is not disturbed by being watched', async () => {
  const lines = `
    await client.end();
    await expect(client).state(['FIN_WAIT2', 'TIME_WAIT'], { process: 'none' }).catch(() => {});
    const { client: second } = await expect(lab.server()).serves();
    const reading = second.read(1);
    await second.end();
    await reading.catch(() => {});
    const { port } = server;
    await expect(lab.server({ port, reuseAddress: 'on' })).fails('bind', 'EADDRINUSE');
    expect.value('pids', typeof second.pid).equals('number');`;
  const { stderr, stdout } = await tcpclose(['demo', save('right.ts', lines)], inFolder);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/of 4 as expected|4 of 4/);
});

describe('tcpclose test runs files and folders', () => {
  mkdirSync(join(folder, 'suite/more'), { recursive: true });
  save('suite/one.ts', good);
  save('suite/more/one.ts', good);
  save('suite/bad.ts', "throw new Error('boom');");
  writeFileSync(join(folder, 'suite/shared.ts'), 'export const shared = 1;\n');

  test('together with those of the catalogue, in every reporter', async () => {
    const args = ['test', './suite', 'client-first', '--reporter', 'tap', '--reporter', 'junit:report.xml'];
    const { stderr, stdout, status } = await tcpclose(args, inFolder);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^1\.\.4$/m);
    for (const name of ['your own/suite/one.ts', 'your own/suite/more/one.ts', 'order/client-first'])
      expect(stdout).toMatch(new RegExp(`^ok \\d - ${name.replaceAll('.', '\\.')}`, 'm'));
    expect(stdout).toMatch(/^not ok \d - your own\/bad/m);
    expect(readFileSync(join(folder, 'report.xml'), 'utf8')).toContain(
      '<error message="suite/bad.ts:9: boom"/>',
    );
    expect(status).toBe(2);
  });

  test('in separate processes: an unhandled error is that of its scenario, and the others continue', async () => {
    mkdirSync(join(folder, 'stray'), { recursive: true });
    const stray = save('stray/rejects.ts', `void Promise.reject(new Error('lost')); ${good}`);
    const late = save('stray/late.ts', `setTimeout(() => { throw new Error('late'); }, 1); ${good}`);
    const fine = save('stray/fine.ts', good);
    const { stdout, status } = await tcpclose(['test', stray, late, fine, '--reporter', 'tap'], inFolder);
    expect(stdout).toMatch(/^not ok \d - your own\/rejects/m);
    expect(stdout).toContain('stray/rejects.ts:9: lost');
    expect(stdout).toMatch(/^not ok \d - your own\/late/m);
    expect(stdout).toContain('stray/late.ts:9: late');
    expect(stdout).toMatch(/^ok \d - your own\/fine/m);
    expect(status).toBe(2);
  });

  test('one file, with status 0', async () => {
    const { stderr, status } = await tcpclose(['test', './suite/one.ts'], inFolder);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test.each([
    ['./no-such.ts', 'there is no file "./no-such.ts"'],
    ['./empty', 'the folder "./empty" has no scenario'],
  ])('%s is refused', async (name, why) => {
    mkdirSync(join(folder, 'empty'), { recursive: true });
    const { stderr, status } = await tcpclose(['test', name], inFolder);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(why);
    expect(status).toBe(2);
  });

  test('explain shows one', async () => {
    const { stdout, status } = await tcpclose(['explain', './suite/one.ts'], inFolder);
    expect(stdout).toContain('One of my own');
    expect(stdout).toContain('tcpclose demo ./suite/one.ts');
    expect(status).toBe(0);
  });
});
