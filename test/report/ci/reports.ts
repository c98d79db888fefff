/** What each reporter of results writes, word for word. That the commands give it their results is shown by test/cli/reporters.ci.ts. */
import { type Case, problem } from '../../../src/report/ci.ts';
import type { Ending, Reporter, ReporterContext } from '../../../src/report/reporter.ts';

export function caseOf(name: string, rest: Partial<Case> = {}): Case {
  const result = { state: 'passed', remark: null } as const;
  return {
    ...{ suite: 'close', className: 'tcpclose.close', name, title: `close: ${name}` },
    ...{ durationMs: null, result, facts: {}, warnings: [] },
    ...rest,
  };
}

export const refused = problem('the port is "in use"', {
  type: 'port-taken',
  remedy: 'choose another port',
  text: 'bind: EADDRINUSE\nof <nginx>',
  location: { file: 'scenarios/a,b.ts', line: 7 },
});

export const passed = caseOf('orderly', { durationMs: 1500 });
const remarked = caseOf('slow', { result: { state: 'passed', remark: 'took 100 %' } });
const withFacts = caseOf('measured', {
  facts: { finding: 'holds', port: 80, under: null, seen: [{ at: 1, by: 'ss' }] },
});

export const skipped = caseOf('no root', {
  suite: 'lost',
  result: { state: 'skipped', reason: 'needs root # and <nft>' },
});

const failed = caseOf('taken', {
  durationMs: 250,
  result: { state: 'failed', problems: [refused, problem('and again')] },
});

export const errored = caseOf('broken', { result: { state: 'errored', problems: [problem('no peer')] } });
const undecided = caseOf('early', {
  result: { state: 'undecided', problems: [problem('too slow', { text: 'to see' })] },
});

const warned = caseOf('warned', { warnings: ['a name\nof two lines', 'left a file'] });
export const all = [passed, remarked, withFacts, skipped, failed, errored, undecided, warned];

export const ending: Ending = { durationMs: 2345, summary: null, cutShort: null };

/** What it writes of a run with these cases. */
export function written(
  create: (context: ReporterContext) => Reporter,
  feed: (reporter: Required<Reporter>) => void,
): string {
  const parts: string[] = [];
  const reporter = create({
    command: 'test',
    output: { write: (part) => void parts.push(part) },
    paint: undefined as never,
    progress: 'none',
  });
  const nothing = () => {};
  feed({
    ...{
      onBegin: nothing,
      onEvent: nothing,
      onLine: nothing,
      onCase: nothing,
      onEnd: nothing,
      onError: nothing,
    },
    ...reporter,
  });
  return parts.join('');
}

export const reportOf = (
  create: (context: ReporterContext) => Reporter,
  cases: readonly Case[],
  rest: Partial<Ending> = {},
) =>
  written(create, (reporter) => {
    reporter.onBegin(cases.length);
    for (const one of cases) reporter.onCase(one);
    reporter.onEnd({}, { ...ending, ...rest });
  });

export const errorOf = (create: (context: ReporterContext) => Reporter, cases: readonly Case[]) =>
  written(create, (reporter) => {
    for (const one of cases) reporter.onCase(one);
    reporter.onError(refused);
  });
