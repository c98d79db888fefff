import { describe, expect, test } from 'vitest';
import { fixture, restart } from '../support/restarts.ts';
import { somePort } from '../support/sockets.ts';
import { second } from './second.ts';

describe.concurrent('a second start that never calls bind is not stopped by the port', () => {
  test.each(['raises', 'exits mute'])('it %s', async (how) => {
    const { runs } = await restart(['--signal', 'KILL'], second(how));
    expect(runs).toMatchObject([{ verdict: 'fails', cause: 'exited-otherwise', watching: { state: 'on' } }]);
    expect(runs[0]?.evidence?.explanation).toContain('never called bind()');
    expect(runs[0]?.evidence?.secondStart?.calls).toEqual([]);
  });

  test('it binds others, and these are named', async () => {
    const { runs } = await restart(['--signal', 'KILL'], second('binds others'));
    expect(runs).toMatchObject([{ verdict: 'fails', cause: 'exited-otherwise' }]);
    expect(runs[0]?.evidence?.explanation).toMatch(
      /never called bind\(\) for port \d+, but for 127\.0\.0\.2:\*, UDP 127\.0\.0\.1:\d+, @second-\d+\./,
    );
  });

  test('a start that raises, unwatched: its output is believed', async () => {
    const { runs } = await restart(['--no-watch', '--signal', 'KILL'], second('raises'));
    expect(runs).toMatchObject([{ verdict: 'fails', cause: 'exited-otherwise', watching: { state: 'off' } }]);
  });

  test('a start that exits silently, unwatched: the error that a bind would have had is marked as such', async () => {
    const { runs } = await restart(['--no-watch', '--signal', 'KILL'], second('exits mute'));
    expect(runs[0]?.evidence?.explanation).toContain('printed nothing');
    expect(runs[0]?.evidence?.explanation).toContain('unless something else did');
  });
});

describe.concurrent('the options of a bind are those at that moment', () => {
  test('the watched call has them', async () => {
    const port = somePort();
    const { runs } = await restart([], ['python3', fixture('plain.py'), `${port}`, 'after']);
    expect(runs).toMatchObject([{ cause: 'no-reuse-address', listenerOptions: { reuseAddress: true } }]);
    expect(runs[0]?.evidence?.explanation).toContain('sets SO_REUSEADDR after bind()');
    expect(runs[0]?.evidence?.secondStart?.calls).toMatchObject([
      { call: 'bind', port, reuseAddress: false, result: 'EADDRINUSE' },
    ]);
  });

  test('an unwatched start: the report does not say that the second start did not set it', async () => {
    const command = ['python3', fixture('plain.py'), `${somePort()}`, 'after'];
    const { runs } = await restart(['--no-watch'], command);
    expect(runs[0]?.evidence?.explanation).toContain('too late, or not in every start');
  });
});

describe.concurrent('a second start that will not come to listen there is not waited for', () => {
  // The limits are so long that the test would end first.
  test('it listens elsewhere', async () => {
    const { runs } = await restart(['--timeout', '10m'], second('goes elsewhere'));
    expect(runs).toMatchObject([{ verdict: 'fails', cause: null }]);
    expect(runs[0]?.evidence?.secondStart?.listensOn).toHaveLength(1);
  });

  test('a supervisor that waits until its program is repaired', async () => {
    const script = `node ${fixture('plain.cjs')} ${somePort()}; sleep 600`;
    const options = ['--timeout', '2m', '--signal', 'KILL'];
    const { runs } = await restart(options, ['bash', '-c', script]);
    expect(runs).toMatchObject([{ verdict: 'fails', cause: 'surviving-listener' }]);
  });
});
