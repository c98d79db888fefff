import { expect, test } from 'vitest';
import { tcpclose } from '../support/program.ts';

test.each([
  [['frobnicate'], 'unknown command', '--help'],
  [['demo'], 'missing required argument', 'demo --help'],
  [['demo', 'server-fist'], 'did you mean "server-first"', 'tcpclose list'],
  [['demo', 'no-such-thing'], 'there is no scenario "no-such-thing"', 'tcpclose list'],
  [['demo', 'server-first', 'another'], 'too many arguments', 'demo --help'],
  [['demo', 'server-first', '--prot', '80'], "unknown option '--prot'", '--port'],
  [['demo', 'server-first', '--port', '0'], '"0" is not a port', '1 to 65535'],
  [['demo', 'server-first', '--port', '65536'], '"65536" is not a port', '1 to 65535'],
  [['demo', 'server-first', '--port', 'http'], '"http" is not a port', '1 to 65535'],
  [['demo', 'server-first', '--host', 'example'], '"example" is not an IP address', '127.0.0.1'],
  [['demo', 'server-first', '--host', '192.0.2.1'], '192.0.2.1 is not an address of this machine', '--host'],
  [['demo', 'server-first', '--signal', 'NOPE'], '"NOPE" is not a signal', 'TERM'],
  [['demo', 'server-first', '--signal', 'STOP'], '"STOP" does not end a process', 'TERM'],
  [['demo', 'server-first', '--clients', '0'], '"0" is not a whole number from 1 to 1000', ''],
  [['demo', 'server-first', '--clients', '1.5'], '"1.5" is not a whole number from 1 to 1000', ''],
  [
    ['demo', 'server-first', '--observer', 'lsof'],
    '--observer: "lsof" is not a choice: choose one of',
    'ss, netstat, proc',
  ],
  [['demo', 'server-first', '--without', 'kill 0'], '--without: "kill 0" is not a choice', 'kill'],
  [['demo', 'server-first', '--without', 'luck'], '--without: "luck" is not a choice: choose one of', 'kill'],
  [['test', '--require', 'luck'], '--require: "luck" is not a choice: choose one of namespace', ''],
  [['test', '--timeout', '0s'], '--timeout: "0s" is not a time limit', 'more than 0'],
  [['why', '80', '--wait', 'long'], '--wait: "long" is not a duration', '30s'],
  [['demo', 'churn', '--network', 'host'], 'needs a network of its own', 'leave out --network host'],
  [['demo', 'server-first', '--packets', '--network', 'host'], 'is captured', 'leave out --network host'],
  [['demo', 'server-first', '--two-hosts', '--network', 'own'], '--two-hosts', '--network'],
  [['demo', 'server-first', '--pcap', '-'], '"-" is not a file', 'the name of a file'],
  [['explain', 'server-fist'], 'did you mean "server-first"', ''],
  [['explain', ''], 'the word is empty: name one', 'tcpclose explain'],
  [['explain', 'xy'], '"xy" is not a known word: "tcpclose explain" lists', 'tcpclose list'],
  [['completion', 'tcsh'], '"tcsh" is not a supported shell', 'choose one of bash, zsh, fish'],
  [['list', 'one'], "too many arguments for 'list': it takes 0 arguments, and got 1", 'list --help'],
  [
    ['render', '/no/where'],
    '"/no/where" cannot be read (ENOENT: no such file or directory):',
    'saved by --json',
  ],
  [['render', '/'], '"/" cannot be read (EISDIR: illegal operation on a directory):', 'saved by --json'],
])('%j is one line that names the input and the remedy, and status 2', async (args, what, remedy) => {
  const { stdout, stderr, status } = await tcpclose(args);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stderr).toContain(what);
  expect(stderr).toContain(remedy);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

test.each([
  [['test', '--prot', '80', '--reporter', 'github'], "unknown option '--prot'"],
  [['why', '80', '--wait', 'long', '--reporter=github:-'], '"long" is not a duration'],
  [['test', '--reporter', 'github', '--reporter', 'csv'], '"csv" is not a reporter'],
  [['test', './no-such.ts', '--reporter', 'github'], 'there is no file "./no-such.ts"'],
])('%j is one annotation for GitHub as well', async (args, what) => {
  const { stdout, stderr, status } = await tcpclose(args);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stdout).toMatch(/^::error title=tcpclose (?:test|why)::[^\n]+\n$/);
  expect(stdout).toContain(what);
  expect(status).toBe(2);
});

test('a privileged port without privileges is refused with a way out', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('needs root, to be another user');
  const prefix = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const { stdout, stderr, status } = await tcpclose(['demo', 'server-first', '--port', '81'], { prefix });
  expect(stderr).toContain('EACCES');
  expect(stderr).toContain('above 1023');
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

test('anything but Linux gets one line that says so', async () => {
  const pretence = "data:text/javascript,Object.defineProperty(process,'platform',{value:'darwin'})";
  const { stdout, stderr, status } = await tcpclose(['--help'], { node: ['--import', pretence] });
  expect(stderr).toMatch(/^tcpclose: [^\n]*Linux[^\n]*darwin[^\n]*\n$/);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

test('without arguments there is help, and status 2', async () => {
  const { stderr, status } = await tcpclose([]);
  expect(stderr).toContain('Usage: tcpclose');
  expect(status).toBe(2);
});
