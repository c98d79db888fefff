import { describe, expect, test } from 'vitest';
import type { Check, Environment, Outcome, SuiteEvent, SuiteOutcome } from '../../src/events.ts';
import { Results, titleOf } from '../../src/report/suite/results.ts';
import { tally, tallyOf } from '../../src/report/suite/tally.ts';
import { SuiteText } from '../../src/report/suite/text.ts';

const check = (title: string, verdict: Check['verdict'] = 'as expected'): Check => ({
  ...{ title, verdict, expected: 'TIME_WAIT', observed: 'no socket', note: null, bearings: [], raw: null },
  location: null,
});
const bad: Check = {
  ...check('server', 'contradicted'),
  ...{ raw: 'State  \nESTAB', location: { file: 'mine.ts', line: 7 } },
};

type Inner = Extract<SuiteEvent, { type: 'of scenario' }>['event'];

const of = (scenario: string, event: Inner, topic = 'order', round = 1): SuiteEvent => ({
  ...{ type: 'of scenario', scenario, topic, round, event },
});
const checked = (scenario: string, one: Check) => of(scenario, { type: 'check', check: one, at: 0 });
const ended = (scenario: string, outcome: Outcome, topic?: string, round?: number) =>
  of(scenario, { type: 'run finished', outcome, durationMs: 1234 }, topic, round);
const again = (scenario: string): SuiteEvent => ({
  ...{ type: 'again', scenario, topic: 'order', round: 1, reason: 'LAST_ACK was too short' },
});
const started = (...names: readonly string[]): SuiteEvent => ({
  type: 'suite started',
  scenarios: names.map((name) => ({ name, topic: 'order', round: 1, takesMs: 1000 })),
});
const environment = (kernel: string) => ({ kernel }) as unknown as Environment;

function resultsOf(...events: readonly SuiteEvent[]): Results {
  const results = new Results();
  for (const event of events) results.on(event);
  return results;
}

describe('the results of a suite', () => {
  test('have the checks of each scenario, although several run at once', () => {
    const results = new Results();
    for (const event of [started('a', 'b', 'c'), checked('a', check('1')), checked('b', check('2'))])
      expect(results.on(event)).toBeUndefined();
    expect(results.running).toEqual(['a', 'b']);
    expect(results.neverRun).toBe(1);
    expect(results.on(checked('a', check('3')))).toBeUndefined();
    const result = results.on(ended('a', { state: 'passed' }));
    expect(result).toEqual({
      ...{
        scenario: 'a',
        topic: 'order',
        round: 1,
        outcome: { state: 'passed' },
        durationMs: 1234,
        attempts: 1,
      },
      checks: [check('1'), check('3')],
    });
    expect(results.finished).toEqual([result]);
    expect(results.running).toEqual(['b']);
    expect([results.total, results.neverRun]).toEqual([3, 1]);
  });

  test('keep the rounds of a scenario apart', () => {
    const results = resultsOf(
      started('a', 'a'),
      of('a', { type: 'check', check: check('1'), at: 0 }, 'order', 1),
      of('a', { type: 'check', check: check('2'), at: 0 }, 'order', 2),
      ended('a', { state: 'passed' }, 'order', 2),
    );
    expect(results.finished.map((one) => [titleOf(one), one.checks.length])).toEqual([
      ['order/a (round 2)', 1],
    ]);
    expect(results.running).toEqual(['a']);
  });

  test('of one that runs again have what the last run saw, and how often it ran', () => {
    const results = resultsOf(
      ...[started('a'), checked('a', check('1')), again('a')],
      ...[checked('a', check('2')), again('a'), checked('a', check('3'))],
      ended('a', { state: 'passed' }),
    );
    expect(results.finished).toMatchObject([{ checks: [{ title: '3' }], attempts: 3 }]);
    expect(resultsOf(started('a'), checked('a', check('1')), again('a')).running).toEqual([]);
  });

  test('have the environment of the first run', () => {
    expect(resultsOf(started('a')).environment).toBeNull();
    const run = (kernel: string) =>
      of('a', { type: 'run started', environment: environment(kernel) } as Inner);
    expect(resultsOf(started('a'), run('6.18'), run('5.10')).environment).toEqual(environment('6.18'));
  });

  test('are counted by kind, with those that never ran', () => {
    const all: readonly Outcome[] = [
      ...([{ state: 'passed' }, { state: 'failed' }, { state: 'passed' }] as const),
      { state: 'errored', error: new Error('x') },
      { state: 'skipped', reason: 'no root' },
      { state: 'interrupted', reason: 'SIGINT' },
    ];
    const results = resultsOf(
      started('0', '1', '2', '3', '4', '5', '6', '7'),
      ...all.map((outcome, i) => ended(`${i}`, outcome)),
    );
    const counted = '2 passed, 1 failed, 1 errored, 1 skipped, 1 interrupted';
    expect(tally(results)).toBe(`${counted}, 2 of 8 never ran`);
    expect(tallyOf(results.finished)).toBe(counted);
    expect(tally(resultsOf(started('a'), ended('a', { state: 'passed' })))).toBe('1 passed');
    expect(tally(resultsOf(started()))).toBe('none ran');
  });
});

/** Each colour as a pair of marks. */
const paint = {
  title: (text: string) => `*${text}*`,
  good: (text: string) => `+${text}+`,
  bad: (text: string) => `!${text}!`,
  faint: (text: string) => `~${text}~`,
  ending: (text: string) => `-${text}-`,
};

function printed(outcome: SuiteOutcome, ...events: readonly SuiteEvent[]): string[] {
  const parts: string[] = [];
  const write = (part: string) => void parts.push(part);
  const text = new SuiteText({ command: 'test', output: { write }, paint, progress: 'none' });
  for (const event of events) text.onEvent(event);
  text.onEvent({ type: 'suite finished', outcome, durationMs: 5000 });
  return parts.join('').split('\n');
}

const named = (name: string) => `order/${name}`.padEnd(46);
const topics = (text: string) => `   ${'order'.padEnd(46)} ${text}`;

describe('the text of a suite', () => {
  test('has a line for each scenario with how many checks agreed, a summary of each topic, and of all', () => {
    expect(
      printed(
        'passed',
        started('a', 'b', 'c'),
        ...[checked('a', check('1')), checked('a', check('2')), ended('a', { state: 'passed' })],
        ended('b', { state: 'passed' }),
        ended('c', { state: 'passed' }, 'close'),
      ),
    ).toEqual([
      ` +✔+ ${named('a')} 2 of 2    1.2 s`,
      ` +✔+ ${named('b')} 0 of 0    1.2 s`,
      ` +✔+ ${'close/c'.padEnd(46)} 0 of 0    1.2 s`,
      ...['', topics('2 passed'), `   ${'close'.padEnd(46)} 1 passed`],
      ...['', '+3 passed in 5.0 s+', ''],
    ]);
  });

  test('has below one that failed each contradiction with its place and what was read, and the reason', () => {
    expect(
      printed(
        'failed',
        started('a'),
        ...[checked('a', check('1')), checked('a', bad), checked('a', check('other', 'contradicted'))],
        ended('a', { state: 'failed', reason: 'too slow to see' }),
      ),
    ).toEqual([
      ` !✖! ${named('a')} 1 of 3    1.2 s`,
      ...['     server: expected TIME_WAIT', '!     but observed no socket!', '~     at mine.ts:7~'],
      ...['~       State~', '~       ESTAB~'],
      ...['     other: expected TIME_WAIT', '!     but observed no socket!'],
      '     too slow to see',
      ...['', topics('1 failed'), '', '!1 failed in 5.0 s!', ''],
    ]);
  });

  test('prints no reason below a result that has none', () => {
    expect(printed('failed', started('a'), ended('a', { state: 'failed' })).slice(0, 3)).toEqual([
      ...[` !✖! ${named('a')} 0 of 0    1.2 s`, '', topics('1 failed')],
    ]);
  });

  test('says of what has no result why, and gives a reason of several once', () => {
    const skipped = { state: 'skipped', reason: 'no root' } as const;
    expect(
      printed(
        'interrupted',
        started('a', 'b', 'c', 'd', 'e', 'f'),
        ...[ended('a', skipped), ended('b', skipped), ended('b', skipped, 'order', 2)],
        ended('c', { state: 'skipped', reason: 'no nft' }),
        ended('d', { state: 'errored', error: new Error('it broke') }),
        ended('e', { state: 'interrupted', reason: 'SIGINT' }),
      ),
    ).toEqual([
      ...['a', 'b'].map((name) => ` ~-~ ${named(name)} ~skipped~`),
      ` ~-~ ${named('b (round 2)')} ~skipped~`,
      ` ~-~ ${named('c')} ~skipped~`,
      ...[` !✖! ${named('d')} errored`, '     it broke', ` !✖! ${named('e')} interrupted`],
      ...['', topics('1 errored, 4 skipped, 1').trimEnd(), `${' '.repeat(50)}interrupted`],
      ...['', '   skipped: no root', '~     a, b~', '', '   skipped: no nft', '~     c~'],
      ...['', '!interrupted: 1 errored, 4 skipped, 1 interrupted in 5.0 s!', ''],
    ]);
  });

  test('is good if all were skipped, and names what ran again', () => {
    const late = ['a', 'b'].flatMap((name) => [again(name), ended(name, { state: 'passed' })]);
    expect(
      printed('skipped', started('a', 'b', 'c'), ...late, ended('c', { state: 'passed' })).slice(-6),
    ).toEqual([
      ...['', '   too slow to see at first, and run again alone:', '~     order/a, order/b~'],
      ...['', '+3 passed in 5.0 s+', ''],
    ]);
  });

  test('cuts nothing off a long name', () => {
    const long = 'x'.repeat(60);
    expect(printed('passed', started(long), ended(long, { state: 'passed' }))[0]).toContain(`order/${long}`);
  });
});
