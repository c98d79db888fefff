import { createInterface } from 'node:readline/promises';
import type { Consent } from '../api/why-kill.ts';
import { UsageError } from '../errors.ts';
import { planLines } from '../report/why/plan.ts';

/**
 * Who decides whether the holders of a port are ended: --yes, or the user at the terminal.
 * @throws UsageError `no-terminal` if there is nobody to ask
 */
export function consentOf(yes: boolean, signal: AbortSignal): Consent {
  if (yes) return true;
  if (process.stdin.isTTY === true && process.stderr.isTTY === true) return (plan) => isWanted(plan, signal);
  throw new UsageError('no-terminal', '--kill asks first, and there is no terminal to ask on: add --yes');
}

async function isWanted(plan: Parameters<Exclude<Consent, true>>[0], signal: AbortSignal): Promise<boolean> {
  const { stdin: input, stderr: output } = process;
  output.write(`${planLines(plan).join('\n')}\n`);
  const terminal = createInterface({ input, output });
  try {
    const isOne = plan.processes.length + plan.commands.length === 1;
    const answer = await terminal.question(`End ${isOne ? 'it' : 'them'}? [y/N] `, { signal });
    const isYes = /^y(es)?$/i.test(answer.trim());
    if (!isYes) output.write('nothing was ended\n');
    return isYes;
  } finally {
    terminal.close();
  }
}
