import { BaseSequencer, type TestSpecification } from 'vitest/node';

// They take longest, and mostly wait: whatever runs beside them costs nothing.
const first = [
  'scenarios/elsewhere',
  'scenarios/catalogue',
  'restart/second-start',
  'scenario/too-slow',
  'scenario/contradicted',
  'restart/real-servers',
  'restart/causes',
  'restart/remedies',
  'restart/faults',
  'cli/demo-wait',
  'restart/targets-watched',
  'lab/hosts/two-hosts',
  'scenarios/control',
  'restart/targets',
];

/** Begins with what takes longest, which ends soonest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    const named = first.flatMap((name) =>
      others.filter(({ moduleId }) => moduleId.endsWith(`/${name}.test.ts`)),
    );
    return [...new Set([...named, ...others])];
  }
}
