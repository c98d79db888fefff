/** Advice for problems of a port beyond who holds it. */
import type { ProcessFacts } from '../process-facts.ts';
import type { FullQueue } from '../situation/queues.ts';
import type { Shadow } from '../situation/shadows.ts';
import { makerOf, type Shortage } from '../situation/shortages.ts';
import type { Examined, Trouble } from '../situation/situation.ts';
import { adviceFor } from './advice.ts';
import { backlogCode, closeCode, keepAliveCode } from './languages.ts';
import type { Shell } from './shell.ts';
import { codeStep, type Step, step } from './step.ts';
import { nameOf, stopSteps } from './stop.ts';

/** What to do about the problems, gravest first, and then how to get the port. */
export function adviceOn({ diagnosis, troubles, situation }: Examined, shell: Shell): Step[] {
  const { port, clients } = diagnosis;
  const own = troubles.flatMap((trouble) => forTrouble(trouble, port, shell));
  const [remote] = clients.flatMap(({ remotes }) => remotes);
  const there =
    situation === 'remote' && remote !== undefined
      ? [
          step(
            `${remote.address} has the service: look at it there, for example`,
            shell.tcpcloseThrough('own', ['ssh', remote.address], 'why', String(port)),
          ),
          step(
            'see how the connections of this machine to it change',
            shell.tcpclose('own', 'watch', String(port)),
          ),
        ]
      : [];
  const ways = new Set(own.map(({ command }) => command));
  const getting = adviceFor(diagnosis, shell).filter(({ command }) => command === null || !ways.has(command));
  return [...own, ...there, ...getting];
}

const shownRules = 3;

function forTrouble(trouble: Trouble, port: number, shell: Shell): Step[] {
  switch (trouble.kind) {
    case 'redirected':
      return trouble.redirects
        .slice(0, shownRules)
        .map(({ to, show, remove }) =>
          remove === null
            ? step(`find the rule that leads to ${to}`, shell.command('root', show))
            : step(`if it is not wanted, delete the rule that leads to ${to}`, shell.command('root', remove)),
        );
    case 'out of ports':
      return forShortage(trouble.shortage, shell);
    case 'leaking':
      return forLeak(trouble.leak.process, port, shell);
    case 'overflowing':
      return forQueue(trouble.queue, port, shell);
    case 'shadowed':
      return forShadow(trouble.shadow, port, shell);
  }
}

// Most well-known servers have their ports below.
const lowestSafe = 10_240;

function forShortage(shortage: Shortage, shell: Shell): Step[] {
  const { inTimeWait, used, reuses, lowest } = shortage;
  const maker = makerOf(shortage);
  const who = maker === null ? 'the client' : nameOf(maker);
  const mostlyWaiting = inTimeWait * 2 > used;
  return [
    codeStep(`have ${who} use connections again instead of opening one for each request`, keepAliveCode),
    ...(mostlyWaiting && !reuses
      ? [
          step(
            'let the kernel use ports in TIME_WAIT for outgoing connections again after a second (safe with timestamps)',
            shell.command('root', ['sysctl', '-w', 'net.ipv4.tcp_tw_reuse=1']),
          ),
        ]
      : []),
    ...(lowest > lowestSafe
      ? [
          step(
            `give clients more ports, if no server of this machine uses those from ${lowestSafe} on`,
            shell.command('root', ['sysctl', '-w', `net.ipv4.ip_local_port_range=${lowestSafe} 65535`]),
          ),
        ]
      : []),
  ];
}

function forLeak(process: ProcessFacts | null, port: number, shell: Shell): Step[] {
  const who = process === null ? 'the program' : nameOf(process);
  return [
    codeStep(`make ${who} close() each connection when its other side has closed`, closeCode),
    step('see whether their number grows', shell.tcpclose('own', 'watch', String(port))),
    step('until then a restart of the program closes them all'),
  ];
}

function forQueue({ process, limit }: FullQueue, port: number, shell: Shell): Step[] {
  const [pid, rights] = [String(process?.pid ?? 0), shell.rightsOver([process?.uid ?? null])];
  const longer = codeStep(
    `a longer queue helps against bursts only: its limit is ${limit}, the smaller one of listen()'s backlog and net.core.somaxconn`,
    backlogCode,
  );
  if (process === null) return [longer];
  if (process.condition === 'stopped')
    return [step(`continue ${nameOf(process)}`, shell.command(rights, ['kill', '-CONT', pid])), longer];
  return [
    step(
      `look at what ${nameOf(process)} does instead of accept(): the kernel shows where each thread waits`,
      shell.command(rights, ['head', '-v', `/proc/${pid}/wchan`, `/proc/${pid}/syscall`]),
    ),
    step('see whether the queue moves', shell.tcpclose('own', 'watch', String(port))),
    longer,
  ];
}

function forShadow({ one, other }: Shadow, port: number, shell: Shell): Step[] {
  const programs = [one, other].flatMap(({ processes }) => processes.slice(0, 1));
  return [
    step(
      'name the address of the program that you mean, such as 127.0.0.1 or [::1] instead of localhost; or give one of them another port',
    ),
    ...programs.flatMap((process) =>
      stopSteps([process], port, shell).map((stop) => ({
        ...stop,
        text: `to end ${nameOf(process)}: ${stop.text}`,
      })),
    ),
  ];
}
