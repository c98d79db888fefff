import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';
import { groupBy } from '../../src/group.ts';
import './skips.ts';

/** Lists at the end which tests were skipped, by reason. */
export class SkipReporter implements Reporter {
  #selection: RegExp | undefined;

  onInit({ config }: Vitest): void {
    this.#selection = config.testNamePattern;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules
      .flatMap((module) => [...module.children.allTests('skipped')])
      .map((test) => ({ test, reason: reasonFor(test) }))
      // A test that was not asked for by name needs no reason.
      .filter(({ reason }) => reason !== undefined || this.#selection === undefined);
    if (skipped.length === 0) return;
    console.log(`\n Skipped here: ${skipped.length}`);
    for (const [reason, tests] of groupBy(skipped, ({ reason }) => reason)) {
      console.log(`   ${reason ?? 'no reason is given'}`);
      for (const { test } of tests) console.log(`     ${test.module.relativeModuleId} > ${test.fullName}`);
    }
  }
}

function reasonFor(test: TestCase): string | undefined {
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? reasonOf(test);
}

/** Its own reason, or that of the group which it is in. */
function reasonOf(task: TestCase | TestSuite | TestModule): string | undefined {
  if (task.type === 'module') return undefined;
  return task.meta().skipped ?? reasonOf(task.parent);
}
