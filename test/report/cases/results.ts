/** What CI hears of each verdict. The tests of each command take documents of real runs, with one thing changed. */
import type { Case } from '../../../src/report/ci.ts';

export const states = (cases: readonly Case[]) => cases.map(({ result }) => result.state);
export const words = (cases: readonly Case[]) =>
  cases.map(({ result }) =>
    result.state === 'passed'
      ? result.remark
      : result.state === 'skipped'
        ? result.reason
        : result.problems.map(({ message }) => message).join('; '),
  );
