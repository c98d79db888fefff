/** Steps that several findings suggest. */
import { type Step, step } from '../../diagnose/advice/step.ts';
import type { Facts } from '../facts.ts';

type Processes = readonly { readonly pid: number }[];

/** A command about processes, with the rights over them that it needs. */
export function processStep(
  text: string,
  processes: Processes,
  words: readonly string[],
  facts: Facts,
): Step {
  const uids = processes.map(({ pid }) => facts.process(pid)?.uid ?? null);
  return step(text, facts.shell.command(facts.shell.rightsOver(uids), words));
}

export function endStep(text: string, processes: Processes, facts: Facts): Step {
  return processStep(text, processes, ['kill', ...pidsOf(processes)], facts);
}

export function continueStep(processes: Processes, facts: Facts): Step {
  return processStep('continue it', processes, ['kill', '-CONT', ...pidsOf(processes)], facts);
}

/** For processes that have inherited a listener and do not use it. */
export function inheritedSteps(processes: Processes, facts: Facts): Step[] {
  return [
    endStep(
      'if the server has ended, end what has inherited its listener, and start the server again',
      processes,
      facts,
    ),
    step('fix it: set close-on-exec on the listener, or close it in the child'),
  ];
}

export function findProcessStep({ shell }: Facts): Step {
  return step('find the process as root', shell.tcpclose('root', 'audit'));
}

/** @param setting such as `net.ipv4.tcp_tw_reuse=1` */
export function sysctlStep(text: string, setting: string, { shell }: Facts): Step {
  return step(text, shell.command('root', ['sysctl', setting]));
}

function pidsOf(processes: Processes): string[] {
  return processes.map(({ pid }) => String(pid));
}
