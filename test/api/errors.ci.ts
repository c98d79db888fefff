import { expect, test } from 'vitest';
import { closing } from './closing.ts';
import {
  audit,
  failure,
  idle,
  matrix,
  restart,
  run,
  runScenario,
  runSuite,
  TcpcloseError,
  why,
} from './package.ts';

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
