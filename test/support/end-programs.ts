import { afterEach, aroundEach } from 'vitest';
import { Program } from './program.ts';

aroundEach((runTest) => Program.inTest(runTest));

// A test that fails half-way leaves its programs running; one that passes may not.
afterEach(async ({ task }) => {
  const left = await Program.endAll();
  if (left.length > 0 && task.result?.state !== 'fail') throw new Error(`left running: ${left.join(', ')}`);
});
