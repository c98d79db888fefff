import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RestartDocument } from '../../../src/report/documents/restart.ts';
import { observed } from '../../support/loads.ts';
import { Program, tcpclose } from '../../support/program.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { somePort } from '../../support/sockets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

const folder = temporaryFolder('tcpclose-faults');
const noPrlimit = spawnSync('prlimit', ['--version']).status === 0 ? null : 'prlimit is not installed';

/** A small server by its own source, with its port in PORT. */
const server = (source: string, port = somePort()) => [
  ...['node', '-e', source.replaceAll('PORT', String(port))],
];
const http = (body: string) => `require('http').createServer((q,s)=>{${body}}).listen(PORT,'127.0.0.1')`;
const raw = (body: string) =>
  `require('net').createServer((s)=>{s.on('error',()=>{});${body}}).listen(PORT,'127.0.0.1')`;

describe('bad input is one line', () => {
  const request = ['--request', 'ping\\n'];
  test.each([
    [['--load', 'new=ten'], '"new=ten" is not a part of a load: write parts such as new=100/s,'],
    [['--load', 'pooled=5/s'], '"pooled=5/s" is not a part of a load'],
    [['--load', 'old=5'], '"old=5" is not a part of a load'],
    [['--load', 'new=1,new=2'], '"new=1,new=2" names new twice: name it once'],
    [['--load', 'new=0,idle=0'], 'asks for no request: give a number above 0'],
    [['--load', 'new=9999/s'], 'new=9999 is more than tcpclose makes: give new=2000 at most'],
    [
      ['--load', 'slow=3'],
      'slow=3 needs a request that the server answers slowly: give one with --slow-path',
    ],
    [['--load', 'slow=3', ...request, '--answer', 'x'], 'give one with --slow-request'],
    [
      ['--load', 'new=5', '--slow-path', '/s'],
      'the load has no slow clients for the slow request: add slow=5 to --load',
    ],
    [['--load', ...request], 'cannot tell when an answer to --request is complete: add --answer <regex>'],
    [['--load', '--request', '@/dev/zero', '--answer', 'x'], '"@/dev/zero" has more than 16 MiB: name a'],
    [['--load', '--request', '@/nowhere', '--answer', 'x'], '"@/nowhere" cannot be read (ENOENT'],
    [['--load', '--request', 'ping\\q', '--answer', 'x'], '"\\q" is not an escape: write \\r, \\n,'],
    [['--load', '--request', 'a\\\\b\\x4', '--answer', 'x'], '"\\x4" is not an escape'],
    [['--load', '--body', 'ping\\'], '"\\" is not an escape'],
    [['--load', ...request, '--answer', '('], '"(" is not a regular expression'],
    [['--load', ...request, '--answer', '/ok/k'], '"/ok/k" is not a regular expression'],
    [['--load', ...request, '--answer', 'x', '--path', '/'], '--path is about HTTP, and --request makes'],
    [['--load', '--answer', 'x'], '--answer is about --request: give that too'],
    [['--load', '--path', 'x'], '"x" is not a path: begin with "/"'],
    [['--load', '--path', '/a b'], '"/a b" is not a path'],
    [['--load', '--cacert', '/nowhere'], '"/nowhere" cannot be read (ENOENT'],
    [['--load', '--cacert', '/dev/null'], '"/dev/null" has no certificate in PEM: name another file'],
    [['--load', '--allow-loss', '1'], '"1" is not a share: give one such as 0.1%'],
    [['--path', '/'], '--path is about the load: add --load'],
    [['--drain', '5s'], '--drain is about the load: add --load'],
    [['--pre-stop', '5s'], '--pre-stop is about the load: add --load'],
  ])('%j', async (options, message) => {
    const { stderr, stdout, status } = await tcpclose(['restart', ...options, '--', 'true']);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe.concurrent('a server that does not serve the load gets no verdict', () => {
  test.each([
    [
      'answers garbage',
      raw("s.write('\\x00\\x01\\r\\n\\r\\n')"),
      /garbled, HPE_\w+\): look at --path, add --tls if/,
    ],
    [
      'never answers',
      raw('s.resume()'),
      /does not answer the request of the load \(timed out\): raise --request-timeout, or look at --path/,
    ],
    [
      'refuses with an error',
      http('s.statusCode=500;s.end()'),
      /answers the request of the load with status 500/,
    ],
    [
      'dies under the load',
      `let n=0;${http('s.end();if(++n===60)process.exit(3)')}`,
      /ended with exit status 3 under the load, before the signal/,
    ],
  ])('%s', async (_, source, message) => {
    const { stderr, stdout, status } = await tcpclose([
      ...['restart', '--load', 'new=50,pooled=5', '--request-timeout', '1s', '--', ...server(source)],
    ]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(message);
  });

  test('talks without end, and never answers', async () => {
    const source = raw(
      "const b=Buffer.alloc(1<<16);const w=()=>{while(s.writable&&s.write(b));s.once('drain',w)};w()",
    );
    const request = ['--request', 'x', '--answer', 'never', '--request-timeout', '1s'];
    const { stderr, stdout, status } = await tcpclose([
      ...['restart', '--load', 'new=5', ...request, '--', ...server(source)],
    ]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(
      /does not answer the request of the load \((timed out|garbled, TOO_LONG)\): .*look at --request/,
    );
  });

  test('loses requests before the signal', async () => {
    const source = `let n=0;${http("++n%7?s.end('ok'):q.socket.destroy()")}`;
    const [run] = (await restart(['--load', 'new=50'], server(source))).runs;
    expect(run).toMatchObject({ verdict: 'not decided', load: { verdict: 'too little' } });
    expect(run?.reason).toMatch(/^\d+ of \d+ requests were lost before the signal \(closed\)/);
  });

  test.skipIf(noPrlimit !== null)('has too few descriptors for it in both starts', async () => {
    const limited = ['prlimit', '--nofile=40:40', ...server(http("s.end('ok')"))];
    const [run] = (await restart(['--load', 'new=20,pooled=60', '--request-timeout', '2s'], limited)).runs;
    expect(run).toMatchObject({ verdict: 'not decided', load: { verdict: 'too little' } });
    expect(run?.reason).toMatch(/lost before the signal .* look at its output$/);
  });

  test('gets too few requests', async () => {
    const [run] = (await restart(['--load', 'new=2'], server(http("s.end('ok')")))).runs;
    expect(run?.reason === null ? run.verdict : run?.reason).toMatch(/^only \d requests ended after|^loses$/);
    expect(run?.verdict).not.toBe('survives');
  });

  test.skipIf(noPrlimit !== null)('has more clients than there are descriptors', async () => {
    const command = server(http("s.end('ok')"));
    const prefix = ['prlimit', '--nofile=150:150'];
    const args = ['restart', '--load', 'pooled=400', '--json', '--', ...command];
    const { stdout, stderr, status } = await tcpclose(args, { prefix });
    expect(status).toBe(2);
    // tcpclose has the same limit, and may meet it first.
    if (stdout === '') {
      expect(stderr).toMatch(/^tcpclose: [^\n]*EMFILE[^\n]*\n$/);
      return;
    }
    const [run] = (JSON.parse(stdout) as RestartDocument).runs;
    expect(run?.verdict).toBe('not decided');
    expect(run?.reason).toMatch(/EMFILE|lost before the signal/);
  });
});

describe.concurrent('nothing is left behind', () => {
  test.each(['SIGINT', 'SIGKILL'] as const)('by %s in the middle of the load', async (signal) => {
    const port = String(somePort());
    const command = ['node', fixture('logged.cjs'), port, '/dev/null', 'never'];
    const program = new Program(['restart', '--load', 'new=50,pooled=5', '--', ...command]);
    const hasLoad = () => program.processes().some((line) => line.includes('load.cjs'));
    await until('the load generator', hasLoad);
    program.child.kill(signal);
    const { status, stdout } = await program.finished();
    expect(status).toBe(signal === 'SIGINT' ? 130 : null);
    // Nothing in it is a verdict, or about clients that stay.
    const said = /^node [^\n]*\n\nSIGTERM, under load\n {2}interrupted \(SIGINT\)\n$/;
    expect(stdout).toMatch(signal === 'SIGINT' ? said : /^$/);
    expect(await program.leftAfter(10_000)).toEqual([]);
  });
});

test('a share of losses may be allowed', async () => {
  const command = () => ['node', fixture('logged.cjs'), String(somePort()), '/dev/null', 'keep'];
  const { verdict, load } = await observed(() =>
    restart(['--load', 'new=40', '--allow-loss', '99%'], command()),
  );
  expect(verdict).toBe('survives');
  expect(load).toMatchObject({ verdict: 'within the allowed loss', allowedLoss: 0.99 });
});

describe.concurrent('a second start that answers otherwise', () => {
  test.each([
    [
      'with garbage',
      "s.write('\\0\\1\\r\\n\\r\\n')",
      /: \d+ got bytes that are not an answer of the protocol\.$/,
      /^look at the output of the second start, and at who else answers/,
    ],
    [
      'without an end',
      "s.write('HTTP/1.1 200 OK\\r\\ncontent-length: 9\\r\\n\\r\\nok')",
      /: \d+ had no whole answer within 1\.0 s\.$/,
      /^allow more time with --request-timeout/,
    ],
  ])('%s', async (_, answer, explanation, remedy) => {
    const flag = join(folder, randomUUID());
    const second = raw(`s.on('data',()=>{${answer}})`);
    const source = `const {existsSync,writeFileSync}=require('fs');const is=existsSync('${flag}');writeFileSync('${flag}','');
      if(is)${second};else ${http("s.end('ok')")}`;
    const [run] = (await restart(['--load', 'new=50', '--request-timeout', '1s'], server(source))).runs;
    const loss = run?.load?.losses.find(({ cause }) => cause === 'second-start-loses');
    expect(run).toMatchObject({ verdict: 'loses' });
    expect(loss?.explanation).toMatch(explanation);
    expect(loss?.remedy).toMatch(remedy);
    expect(run?.load?.losses.map(({ cause }) => cause)).not.toContain('slow-start');
  });
});
