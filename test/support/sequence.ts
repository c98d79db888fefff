import { BaseSequencer, type TestSpecification } from 'vitest/node';

// They take longest, and mostly wait: whatever runs beside them costs nothing.
const first = [
  'scenarios/elsewhere',
  'scenarios/catalogue',
  'restart/second-start',
  'scenario/too-slow',
  'scenario/contradicted',
  'cli/demo-wait',
  'scenarios/control',
  'restart/real-servers',
  'restart/causes',
  'restart/remedies',
  'restart/faults',
  'restart/targets-watched',
  'cli/why/leftovers',
  'cli/why/listener',
  'cli/demo',
  'cli/test',
  'cli/on',
  'lab/process/ending',
  'cli/terminal',
  'lab/hosts/two-hosts',
  'restart/targets',
];

/** Begins with what takes longest, which ends soonest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    const named = first.flatMap((name) => others.filter(({ moduleId }) => moduleId.includes(`/${name}.`)));
    return [...new Set([...named, ...others])];
  }
}
