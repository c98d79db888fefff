import { expect, test } from 'vitest';
import { tcpclose } from '../../support/program.ts';

test.each([
  [['why', '--wait'], '--wait waits for ports'],
  [['why', '0'], '"0" is not a port'],
  [['why', '65536'], '"65536" is not a port'],
  [['why', 'http'], '"http" is not a port'],
  [['why', '80', 'db.example:5432'], '"db.example" names another machine'],
  [['why', '80', '--kill'], 'add --yes'],
  [['why', '80', '--kill', '--yes', '--on', 'env'], 'instead of --on'],
  [['why', '/x', '--kill', '--yes'], '--kill frees ports'],
  [['why', '@x', '--wait'], '--wait waits for ports'],
  [['why', '/x', '--on', 'env'], '--on looks at ports'],
  [['why', '80', '--wait', 'soon'], '"soon" is not a duration'],
  [['why', '80', '--host', 'example'], '"example" is not an IP address'],
  [['why', '80', '--on', ''], 'does not launch a command'],
  [['why', '80', '--on', 'no-such-program'], 'no-such-program cannot be started'],
  [['why', '80', '--on', 'false'], 'it ended with status 1'],
  [['why', '80', '--on', "sh 'x"], 'a quote does not end'],
])('%j is refused in one line, with status 2', async (args, message) => {
  const { stdout, stderr, status } = await tcpclose(args);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
