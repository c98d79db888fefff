import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as Api from '../../src/index.ts';
import { packagePath } from '../../src/package.ts';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { listening, somePort } from '../support/sockets.ts';

// As users get it: each function loads its part of the build.
const api: typeof Api = await import(packagePath('dist/index.js'));
const { audit, idle, matrix, matrixDiff, restart, run, runScenario, runSuite, scenario, TcpcloseError, why } =
  api;

const node = (script: string) => [process.execPath, '-e', script];
const serving = (port: number) => node(`require('net').createServer().listen(${port}, '127.0.0.1')`);

const closing = scenario({
  title: 'A close makes the other end wait',
  claim: 'The other end is in CLOSE_WAIT.',
  source: ['RFC 9293 section 3.6'],
  decides: [],
  control: 'end',
  parameters: { times: api.integer(1, { min: 1, max: 3 }, 'how often') },
  async run({ lab, expect, step, times }) {
    const server = await lab.server();
    for (let i = 0; i < times; i++) {
      const client = await lab.client(server);
      await step('the client closes');
      await client.end();
      await expect(server).state('CLOSE_WAIT');
    }
  },
});

/** What the function rejects with. */
async function failure(
  promise: Promise<unknown>,
): Promise<{ code?: string; message: string; output?: string }> {
  const error = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error & { code?: string };
}

describe('restart()', () => {
  test('returns the document of the command, and reports what it waits for', async () => {
    const events: Api.WaitingEvent[] = [];
    const onEvent = (event: Api.WaitingEvent) => events.push(event);
    const document = await restart(serving(somePort()), { settle: 200, onEvent });
    expect(schemaErrors('restart', document)).toEqual([]);
    expect(document).toMatchObject({ verdict: 'survives', runs: [{ signal: 'SIGTERM', clients: 'stay' }] });
    expect(events).toContainEqual({
      ...{ type: 'waiting', what: 'waiting for the server to exit', round: null },
      ...{ leftMs: null, atMostMs: expect.closeTo(10_000, -3) },
    });
    const stays = events.findLast(({ what }) => what === 'watching whether it stays up');
    expect(stays).toMatchObject({ leftMs: expect.closeTo(200, -2), atMostMs: null });
  });

  test('reports the current round, and from the second one on how long the remaining rounds take', async () => {
    const events: (Api.WaitingEvent & { readonly at: number })[] = [];
    const onEvent = (event: Api.WaitingEvent) => events.push({ ...event, at: performance.now() });
    await restart(serving(somePort()), { settle: 50, rounds: 2, order: 'both', onEvent });
    expect([...new Set(events.map(({ round }) => round && `${round.number} of ${round.of}`))]).toEqual([
      '1 of 4',
      '2 of 4',
      '3 of 4',
      '4 of 4',
    ]);
    const [first, second] = [1, 2].map((number) => events.filter(({ round }) => round?.number === number));
    expect(first?.map(({ round }) => round?.leftMs)).toEqual(first?.map(() => null));
    // As if those that are left took as long as the first.
    const [begun] = second ?? [];
    expect(begun?.round?.leftMs).toBeGreaterThan(1.5 * ((begun?.at ?? 0) - (events[0]?.at ?? 0)));
    expect(events.at(-1)?.round?.leftMs).toBeGreaterThanOrEqual(0);
  });

  test('says why a server does not survive', async () => {
    const mute = node(`process.on('SIGTERM', () => {}); require('net').createServer().listen(${somePort()})`);
    const { verdict, runs } = await restart(mute, { stopTimeout: '500ms', timeout: '20s' });
    expect({ verdict, cause: runs[0]?.cause }).toEqual({ verdict: 'fails', cause: 'signal-ignored' });
    expect(runs[0]?.evidence?.remedy).toContain('SIGTERM');
  });

  test('ends the server when it is aborted, and has not decided', async () => {
    const port = somePort();
    const abort = new AbortController();
    const document = restart(serving(port), {
      settle: '100s',
      abortSignal: abort.signal,
      onEvent: ({ what }) =>
        what === 'waiting for the second start to serve a client' && abort.abort(new Error('enough')),
    });
    expect(await document).toMatchObject({
      verdict: 'not decided',
      runs: [{ reason: 'interrupted (enough)' }],
    });
    expect(
      (await why(port, { host: '127.0.0.1' })).holders.filter(({ kind }) => kind === 'listener'),
    ).toEqual([]);
  });

  test('rejects with a code, and the last words of a server that does not start', async () => {
    const error = await failure(restart(node("console.log('no database'); process.exit(3)")));
    expect(error).toBeInstanceOf(TcpcloseError);
    expect(error).toMatchObject({ code: 'command-failed', output: expect.stringContaining('no database') });
  });
});

describe('why()', () => {
  let server: Awaited<ReturnType<typeof listening>>;
  beforeAll(async () => {
    server = await listening();
  });
  afterAll(() => server.server.close());

  test('returns the document of the command', async () => {
    const document = await why(server.port);
    expect(schemaErrors('why', document)).toEqual([]);
    expect(document).toMatchObject({ verdict: 'held', holders: [{ pids: [process.pid] }] });
    const { stdout } = await tcpclose(['why', String(server.port), '--json']);
    expect(Object.keys(JSON.parse(stdout))).toEqual(Object.keys(document));
  });

  test('waits until its signal aborts, and rejects with the reason of the signal', async () => {
    const events: Api.WhyEvent[] = [];
    const abort = new AbortController();
    const answer = why(server.port, {
      wait: true,
      abortSignal: abort.signal,
      onEvent: (event) => {
        events.push(event);
        abort.abort(new Error('enough'));
      },
    });
    expect(await failure(answer)).toMatchObject({ message: 'enough' });
    expect(events).toEqual([{ type: 'waiting', port: server.port, leftMs: null, atLatestMs: null }]);
  });

  test('takes all that the command line takes', async () => {
    const answers = await why([`127.0.0.1:${server.port}`, '/nonexistent.sock']);
    expect(schemaErrors('why', answers)).toEqual([]);
    expect(answers).toMatchObject({
      type: 'several',
      answers: [
        { type: 'port', host: '127.0.0.1', verdict: 'held' },
        { type: 'socket', verdict: 'free' },
      ],
    });
    expect(await why(`http://localhost:${server.port}/x`)).toMatchObject({
      port: server.port,
      verdict: 'held',
    });
    const all = await why();
    expect(schemaErrors('why', all)).toEqual([]);
    const ports = all.type === 'listeners' ? all.listeners.map(({ port }) => port) : [];
    expect(ports).toContain(server.port);
  });
});

test('idle() returns the document of the command', async () => {
  const script = `require('http').createServer((_, answer) => answer.end()).listen(${somePort()}, '127.0.0.1').keepAliveTimeout = 1;`;
  const document = await idle(node(script), { client: 'go' });
  expect(schemaErrors('idle', document)).toEqual([]);
  expect(document).toMatchObject({ idle: { state: 'closes' }, comparisons: [{ verdict: 'race possible' }] });
});

test('audit() returns the document of the command', async () => {
  const document = await audit({ pid: process.pid, for: 0, portsUsed: 80 });
  expect(schemaErrors('audit', document)).toEqual([]);
  expect(document.scope).toBe(`process ${process.pid}`);
});

describe('runScenario()', () => {
  test('runs a scenario that is not in a file', async () => {
    const steps: string[] = [];
    const document = await runScenario(closing, {
      parameters: { times: 2 },
      onEvent: (event) => event.type === 'step' && steps.push(event.title),
    });
    expect(schemaErrors('demo', document)).toEqual([]);
    expect(document).toMatchObject({ outcome: 'passed', parameters: { times: 2 } });
    expect(steps).toEqual(['the client closes', 'the client closes']);
  });

  test('without its stimulus it is contradicted', async () => {
    expect(await runScenario(closing, { without: 'end' })).toMatchObject({ outcome: 'failed' });
  });
});

test('runSuite() runs scenarios of all kinds together', async () => {
  const document = await runSuite(['shut-rd', closing], { timeout: '60s' });
  expect(schemaErrors('test', document)).toEqual([]);
  expect(document.outcome).toBe('passed');
  expect(document.scenarios.map(({ scenario }) => scenario).sort()).toEqual([closing.title, 'shut-rd']);
});

test('runSuite() tells scenarios of the same title apart', async () => {
  const { title, claim, source } = closing;
  const wrong = scenario({
    ...{ title, claim, source, decides: [], control: 'end' },
    async run({ expect }) {
      expect.value<number>('one', 1).equals(2);
    },
  });
  const { scenarios } = await runSuite([closing, wrong], { timeout: '60s' });
  expect(scenarios.map(({ scenario, outcome }) => `${scenario}: ${outcome}`).sort()).toEqual([
    `${title} #2: failed`,
    `${title}: passed`,
  ]);
});

describe('run()', () => {
  test('returns the document of the command, with its status and the bind that failed', async () => {
    const { server, port } = await listening();
    const kinds: string[] = [];
    const script = `require('net').createServer().on('error', () => process.exit(7)).listen(${port}, '127.0.0.1')`;
    try {
      const document = await run(node(script), { onEvent: ({ type }) => kinds.push(type) });
      expect(schemaErrors('run', document)).toEqual([]);
      expect(document).toMatchObject({ status: 7, failures: [{ kind: 'outside', port }] });
      expect(kinds).toEqual(['bind failed']);
    } finally {
      server.close();
    }
  });

  test('rejects with a code if the command does not exist', async () => {
    expect(await failure(run(['/nonexistent']))).toMatchObject({ code: 'no-command' });
  });
});

describe('an abort', () => {
  const enough = () => AbortSignal.abort(new Error('enough'));

  test.each<[string, (abortSignal: AbortSignal) => Promise<unknown>]>([
    ['audit()', (abortSignal) => audit({ for: '100s', abortSignal })],
    ['idle()', (abortSignal) => idle(node('setInterval(() => {}, 1000)'), { abortSignal })],
    ['matrix()', (abortSignal) => matrix({ abortSignal })],
    ['why()', (abortSignal) => why('127.0.0.1:1', { abortSignal })],
  ])('of %s is what it rejects with', async (_, call) => {
    expect(await failure(call(enough()))).toMatchObject({ message: 'enough' });
  });

  test('of a scenario or a suite is its outcome', async () => {
    expect(await runScenario(closing, { abortSignal: enough() })).toMatchObject({ outcome: 'interrupted' });
    expect(await runSuite([closing], { abortSignal: enough() })).toMatchObject({ outcome: 'interrupted' });
  });

  test('of run() ends the command by SIGTERM', async () => {
    const abort = new AbortController();
    const ended = run(node('setInterval(() => {}, 1000)'), {
      abortSignal: abort.signal,
      onStart: () => abort.abort(),
    });
    expect(await ended).toMatchObject({ status: null, signal: 'SIGTERM' });
  });
});

test('matrixDiff() names the cells that differ', async () => {
  const { stdout } = await tcpclose(['matrix', '--json']);
  const now: Api.MatrixDocument = JSON.parse(stdout);
  const [first, ...rest] = now.cells;
  const before = { ...now, cells: rest };
  const { differences } = await matrixDiff(before, now);
  expect(differences).toMatchObject([{ before: 'not measured' }]);
  expect(differences[0]?.cell).toContain(first?.addresses.name);
});

test.each<{ what: string; run: () => Promise<unknown>; code: string; says: string }>([
  { what: 'no command', run: () => restart([]), code: 'no-command', says: 'the command is missing' },
  {
    what: 'a misspelt option, from a program without types',
    run: () => restart(['true'], { laod: true } as never),
    code: 'unknown-option',
    says: '"laod" is not an option of restart(): did you mean "load"?',
  },
  {
    what: 'an unknown option of audit()',
    run: () => audit({ threshold: 3 } as never),
    code: 'unknown-option',
    says: '"threshold" is not an option of audit(): ',
  },
  {
    what: 'an unknown option of matrix()',
    run: () => matrix({ onEvents: () => {} } as never),
    code: 'unknown-option',
    says: '"onEvents" is not an option of matrix(): did you mean "onEvent"?',
  },
  {
    what: 'a misspelt option of runSuite()',
    run: () => runSuite([], { repeats: 3 } as never),
    code: 'unknown-option',
    says: '"repeats" is not an option of runSuite(): did you mean "repeat"?',
  },
  { what: 'an empty command', run: () => run(['']), code: 'no-command', says: 'give one, such as npm test' },
  { what: 'an idle command without a word', run: () => idle([]), code: 'no-command', says: 'is missing' },
  {
    what: 'a command in one text, from a program without types',
    run: () => restart('node server.js' as never),
    code: 'no-command',
    says: "write each word separately, such as ['node', 'server.js']",
  },
  {
    what: 'a word that no command can have',
    run: () => run(['true', 'a\0b']),
    code: 'no-command',
    says: 'the command cannot be started',
  },
  { what: 'null as a port', run: () => why(null as never), code: 'bad-port', says: '"null" is not a port' },
  {
    what: 'a port out of range',
    run: () => why(65_536),
    code: 'bad-port',
    says: '"65536" is not a port: give a number from 1 to 65535',
  },
  {
    what: 'a target that is none',
    run: () => why('example.org'),
    code: 'bad-port',
    says: '"example.org" is not a port',
  },
  {
    what: 'a wait for nothing',
    run: () => why([], { wait: true }),
    code: 'no-port',
    says: '--wait waits for ports',
  },
  {
    what: 'a process that is none',
    run: () => audit({ pid: 0 }),
    code: 'bad-pid',
    says: '"0" is not a process',
  },
  {
    what: 'a place that is none',
    run: () => idle('nowhere'),
    code: 'bad-place',
    says: '"nowhere"',
  },
  {
    what: 'a suite of something that is not a scenario',
    run: () => runSuite(['server-frist']),
    code: 'unknown-scenario',
    says: 'did you mean "server-first"?',
  },
  {
    what: 'a span of time that is none',
    run: () => restart(['true'], { timeout: 'soon' }),
    code: 'bad-duration',
    says: '"soon" is not a duration',
  },
  {
    what: 'a signal that is none',
    run: () => restart(['true'], { signal: 'SIGFOO' }),
    code: 'bad-signal',
    says: '"SIGFOO" is not a signal',
  },
  {
    what: 'a folder that is none',
    run: () => restart(['true'], { cwd: '/etc/hostname' }),
    code: 'bad-folder',
    says: 'is not a folder',
  },
  {
    what: 'a name that is not a scenario',
    run: () => runScenario('server-frist'),
    code: 'unknown-scenario',
    says: 'did you mean "server-first"?',
  },
  {
    what: 'a value that the scenario does not take',
    run: () => runScenario(closing, { parameters: { times: 9 } }),
    code: 'bad-number',
    says: '"9" is not a whole number from 1 to 3',
  },
  {
    what: 'a parameter that it does not have',
    run: () => runScenario(closing, { parameters: { often: 1 } }),
    code: 'unknown-parameter',
    says: '"often" is not a parameter: the scenario has times',
  },
])('$what is an error with a code: $code', async ({ run, code, says }) => {
  const error = await failure(run());
  expect(error).toBeInstanceOf(TcpcloseError);
  expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
});

test('importing the package loads nothing that only its functions need', () => {
  const script = `require(${JSON.stringify(packagePath('dist/require/index.js'))}); console.log(Object.keys(require.cache).join('\\n'));`;
  const loaded = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect(loaded.trim().split('\n')).toEqual([packagePath('dist/require/index.js')]);
});
