import { expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { testInterruptedAfter, testInterruptedBefore } from '../support/interruption.ts';
import { Program } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { timeWaits } from '../support/time-waits.ts';
import { until } from '../support/until.ts';

const why = await whyUnmet('namespace');

testInterruptedBefore([1, 3, 4, 5, 6, 8]);
// The run takes some 400 ms; these fall into its start, its middle and its end.
testInterruptedAfter([0, 30, 60, 120, 160, 250, 300, 400], [60, 120, 300]);

// A recorded load goes slower than others.
const recordedTimeWaits = 1000;

test(
  'the report of an interrupted recorded load soon shows the outcomes of its finished connections',
  unless(why),
  async () => {
    const program = new Program(['demo', 'churn', '--connections', '10000000', '--packets']);
    await until('connections that are over', () => timeWaits(program) > recordedTimeWaits);
    const interruptedAt = performance.now();
    program.child.kill('SIGINT');
    const { status, stdout } = await program.finished();
    expect(status).toBe(130);
    expect(stdout).toMatch(/\nstates: /);
    // Whoever waits for what never ends gives up after a minute.
    expect(performance.now() - interruptedAt).toBeLessThan(20_000);
    expect(program.processes()).toEqual([]);
  },
);
