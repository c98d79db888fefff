import { TcpcloseError } from '../../errors.ts';

/** What was expected may have come and gone unseen, so the check is neither as expected nor contradicted. */
export class TooSlow extends TcpcloseError {
  override readonly name = 'TooSlow';

  /**
   * @param what the subject, and what was expected of it
   * @param why the measured times, or the process that did not answer
   */
  constructor(what: string, why: string) {
    super(
      'too-slow',
      `${what}: too slow to see (${why}): run this scenario alone, on a machine with less load`,
    );
  }
}

/** A check has nothing to compare. */
export class NothingObserved extends TcpcloseError {
  override readonly name = 'NothingObserved';

  constructor(title: string) {
    super(
      'nothing-observed',
      `${title}: nothing was observed: look at the checks before it, and run it again`,
    );
  }
}
