/** Mutants of what runs across processes, by hand: the text that each replaces, and the test that must notice. */
export interface Mutant {
  /** What it makes untrue. */
  readonly title: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The test file that must fail, and the tests in it, if not all of them. */
  readonly caughtBy: string;
  readonly named?: string;
}

const expectations = 'test/scenario/instruments.test.ts';
const measurements = 'test/lab/instruments.test.ts';
const cells = 'test/peer/matrix.test.ts';

export const mutants: readonly Mutant[] = [
  {
    title: 'a value is reported as it was expected',
    file: 'src/scenario/expect/value.ts',
    from: '[String(this.#value), [this.#value]]',
    to: '[agrees ? expected : String(this.#value), [this.#value]]',
    caughtBy: expectations,
    named: 'a value',
  },
  {
    title: 'a value always agrees',
    file: 'src/scenario/expect/value.ts',
    from: 'this.#value === expected);',
    to: 'true);',
    caughtBy: expectations,
    named: 'a value',
  },
  {
    title: 'the process of a socket is not looked at',
    file: 'src/scenario/expect/state-details.ts',
    from: "if (typeof process === 'object' && !row.processes.some(({ pid }) => pid === process.pid)) return false;",
    to: '',
    caughtBy: expectations,
    named: 'a process',
  },
  {
    title: 'that no process holds a socket is not looked at',
    file: 'src/scenario/expect/state-details.ts',
    from: "if (process === 'none' && (row.processes.length > 0 || (row.inode ?? 0) !== 0)) return false;",
    to: '',
    caughtBy: expectations,
    named: 'a process',
  },
  {
    title: 'what stays is looked at once',
    file: 'src/scenario/expect/state.ts',
    from: 'const look = await watch.until((rows) => !question.satisfied(rows), what, forMs);',
    to: 'const look = await watch.until(() => true, what, forMs);',
    caughtBy: expectations,
    named: 'what is expected to stay',
  },
  {
    title: 'a start fails whatever its errno',
    file: 'src/scenario/expect/start.ts',
    from: 'start.call === call && start.errno === errno',
    to: 'start.call === call',
    caughtBy: expectations,
    named: 'a start',
  },
  {
    title: 'a start fails in whatever call',
    file: 'src/scenario/expect/start.ts',
    from: 'start.call === call && start.errno === errno',
    to: 'start.errno === errno',
    caughtBy: expectations,
    named: 'a start',
  },
  {
    title: 'a server serves whatever it answers',
    file: 'src/scenario/expect/start.ts',
    from: '[answer.text === greeting,',
    to: '[true,',
    caughtBy: expectations,
    named: 'a start',
  },
  {
    title: 'what a call gave is not compared',
    file: 'src/scenario/expect/peer.ts',
    from: 'agrees: observed === expected',
    to: 'agrees: true',
    caughtBy: expectations,
    named: 'a call',
  },
  {
    title: 'ten segments were dropped',
    file: 'src/lab/ends/measurements.ts',
    from: 'return drops;',
    to: 'return drops * 0 + 10;',
    caughtBy: measurements,
    named: 'dropped segments',
  },
  {
    title: 'a minute is left on each timer',
    file: 'src/lab/ends/measurements.ts',
    from: 'return leftMs ?? Number.NaN;',
    to: 'return leftMs === null ? Number.NaN : 59_900;',
    caughtBy: measurements,
    named: 'the timer of a connection',
  },
  {
    title: 'each timer ends in a minute',
    file: 'src/lab/ends/measurements.ts',
    from: 'return { leastMs: askedMs + leftMs, mostMs: takenMs + leftMs };',
    to: 'return { leastMs: askedMs + 59_900, mostMs: takenMs + 59_900 };',
    caughtBy: measurements,
    named: 'the timer of a connection',
  },
  {
    title: 'data was sent again three times',
    file: 'src/peer/commands/look.ts',
    from: 'if (found === undefined) return { sentAgain, gone:',
    to: 'if (found === undefined) return { sentAgain: [200, 600, 1400].map((at) => ({ leastMs: at, mostMs: at })), gone:',
    caughtBy: measurements,
    named: 'retransmissions',
  },
  {
    title: 'no line of the kernel log matches',
    file: 'src/lab/kernel.ts',
    from: '.filter((line) => pattern.test(line))',
    to: '.filter((line) => pattern.test(line) && false)',
    caughtBy: measurements,
    named: 'the kernel log',
  },
  {
    title: 'a bind passes after a minute',
    file: 'src/lab/lab.ts',
    from: "return bind === 'ok' && performance.now() - since;",
    to: "return bind === 'ok' && 60_100 + since * 0;",
    caughtBy: measurements,
    named: 'the wait for a bind',
  },
  {
    title: 'a connect takes 50 microseconds',
    file: 'src/lab/load.ts',
    from: 'return microseconds.sort((a, b) => a - b)[Math.floor(connections / 4)] ?? Number.NaN;',
    to: 'return microseconds.length * 0 + 50;',
    caughtBy: measurements,
    named: 'the time of a connect',
  },
  {
    title: 'a cell has the state that was to be there',
    file: 'src/peer/matrix/cells.ts',
    from: 'state: this.#state(), ...',
    to: 'state: this.#place.group.remains as string, ...',
    caughtBy: cells,
  },
  {
    title: 'a cell in another state is taken',
    file: 'src/matrix/measure.ts',
    from: 'if (state !== group.remains) throw unreached(group, state);',
    to: 'if (state !== group.remains) void unreached(group, state);',
    caughtBy: 'test/matrix/measure.test.ts',
  },
  {
    title: 'listen is not called',
    file: 'src/native/binding.ts',
    from: "attempt(() => listenOn(fd, 1))?.errno ?? 'ok'",
    to: "(fd < 0 ? attempt(() => listenOn(fd, 1))?.errno : null) ?? 'ok'",
    caughtBy: cells,
  },
  {
    title: 'SO_REUSEADDR is not set on a probe',
    file: 'src/native/binding.ts',
    from: "reuseAddress === 'on' ? 1 : 0",
    to: "reuseAddress === 'on' ? 0 : 0",
    caughtBy: 'test/cli/matrix.test.ts',
    named: "keeps to the kernel's rule",
  },
  {
    title: 'FIN and RST are swapped in captured segments',
    file: 'src/observe/packets/segment.ts',
    from: "['FIN', 'SYN', 'RST', 'PSH'",
    to: "['RST', 'SYN', 'FIN', 'PSH'",
    caughtBy: 'test/report/evidence.ci.ts',
    named: 'C22 leads to the same finding',
  },
  {
    title: 'counters are reported since the machine booted',
    file: 'src/observe/counters/counters.ts',
    from: 'by: value - (before.get(name) ?? 0)',
    to: 'by: value - 0 * (before.get(name) ?? 0)',
    caughtBy: 'test/observe/counters-parsed.test.ts',
  },
  {
    title: 'a withheld stimulus is made all the same',
    file: 'src/lab/run-context.ts',
    from: 'const result = withheld ? instead : await act();',
    to: 'const result = withheld ? ((await act()) ?? instead) : await act();',
    caughtBy: 'test/scenarios/control.test.ts',
    named: 'client-first',
  },
  {
    title: 'a contradicted check is as expected',
    file: 'src/scenario/expect/report.ts',
    from: "verdict: agrees ? 'as expected' : 'contradicted',",
    to: "verdict: agrees || title === '' ? 'as expected' : 'as expected',",
    caughtBy: expectations,
  },
];
