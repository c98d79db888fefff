#!/usr/bin/env node
import { reportEarlyEnd, run } from '../src/cli/program.ts';

// 0 and 1 are results. A result comes from a run that reached its end; whatever else ends this process gives 2.
let state: 'running' | 'ended' = 'running';
process.exitCode = 2;
process.on('exit', () => {
  if (state === 'running') process.exitCode = reportEarlyEnd();
});

// A scenario of the user's own finds others there. Node's exit() calls reallyExit(), which is not documented.
const leave = process.exit.bind(process);
const reallyExit: unknown = Reflect.get(process, 'reallyExit');

function exit(status: number): never {
  state = 'ended';
  Reflect.set(process, 'reallyExit', reallyExit);
  return leave(status);
}

void run(process.argv.slice(2), exit).then(exit);
