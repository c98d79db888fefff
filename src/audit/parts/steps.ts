/** Steps that several findings suggest. */
import { type Endpoint, formatEndpoint } from '../../address.ts';
import { type Step, step } from '../../diagnose/advice/step.ts';
import type { Redirect } from '../../observe/nat/redirects.ts';
import type { Socket } from '../facts/sockets.ts';
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

const shownRules = 3;

export function ruleSteps(redirects: readonly Redirect[], { shell }: Facts): Step[] {
  return redirects
    .slice(0, shownRules)
    .flatMap(({ to, show, remove }) => [
      step(`look at the rule that leads to ${to}`, shell.command('root', show)),
      ...(remove === null ? [] : [step('if it is not wanted, delete it', shell.command('root', remove))]),
    ]);
}

/** Makes the kernel drop only one connection: the filter names both ends. */
export function dropStep([oldest]: readonly Socket[], facts: Facts): Step[] {
  if (oldest === undefined) return [];
  const { local, remote, family } = oldest;
  const words = ['ss', '-tK', 'src', end(local, family), 'dst', end(remote, family)];
  return [step('have the kernel drop the oldest now', facts.shell.command('root', words))];
}

// ss finds an IPv4 connection of an IPv6 socket only by the mapped address.
function end({ address, port }: Endpoint, family: Socket['family']): string {
  const mapped = family === 'IPv6' && !address.includes(':');
  return formatEndpoint({ address: mapped ? `::ffff:${address}` : address, port });
}

function pidsOf(processes: Processes): string[] {
  return processes.map(({ pid }) => String(pid));
}
