import { describe, expect, test } from 'vitest';
import { causeOf } from '../../../src/restart/cause.ts';
import { free, seen, stuck } from './observed.ts';

describe('the remedy is in the terms of the server', () => {
  test.each([
    [
      'nginx',
      { stopped: null, probe: free, second: null },
      /^set worker_shutdown_timeout in its configuration/,
    ],
    ['gunicorn', { stopped: null, probe: free, second: null }, /^set --graceful-timeout below/],
    ['uvicorn', { stopped: null, probe: free, second: null }, /^set --timeout-graceful-shutdown, which/],
    ['HAProxy', { stopped: null, probe: free, second: null }, /^set hard-stop-after in its global section/],
    ['Go', { stopped: null, probe: free, second: null }, /^give Shutdown\(\) a context with a deadline/],
    ['other', { stopped: null, probe: free, second: null }, /^close idle connections on the signal/],
    [
      'Python',
      { probe: stuck },
      /^set SO_REUSEADDR before .* every start: sock\.setsockopt\(.* allow_reuse_address = True$/,
    ],
    ['other', { probe: stuck }, /^set SO_REUSEADDR before bind\(\) in every start$/],
  ] as const)('%s: %j', (language, change, remedy) => {
    expect(causeOf({ ...seen, ...change, language }).remedy).toMatch(remedy);
  });
});
