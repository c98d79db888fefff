#!/usr/bin/env node
import { reportEarlyEnd, run } from '../src/cli/program.ts';
import { guardExit } from '../src/scenario/exit-guard.ts';

// 0 and 1 are results. A result comes from a run that reached its end; whatever else ends this process gives 2.
let state: 'running' | 'ended' = 'running';
process.exitCode = 2;
process.on('exit', () => {
  if (state === 'running') process.exitCode = reportEarlyEnd();
});

const leave = guardExit();

function exit(status: number): never {
  state = 'ended';
  return leave(status);
}

void run(process.argv.slice(2), exit).then(exit);
