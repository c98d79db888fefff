/** Ending the processes that hold the port: each in the way it was started. */
import { publisherIn } from '../../observe/publisher.ts';
import { shorten, withoutFolder } from '../../shorten.ts';
import { asItsUser, type Origin, onceOnly, shells } from '../origin.ts';
import { isUnnamedDaemon } from '../pm2.ts';
import type { ProcessFacts } from '../process-facts.ts';
import type { Shell } from './shell.ts';
import { type Step, step } from './step.ts';

/** @param port the port that they hold; null for a Unix socket */
export function stopSteps(processes: readonly ProcessFacts[], port: number | null, shell: Shell): Step[] {
  const each = processes.map((process) => ({ process, managed: managedBy(process) }));
  const managers = new Map(
    each.flatMap(({ managed }) => (managed === null ? [] : [[managed.name, managed]])),
  );
  const others = each.flatMap(({ process, managed }) => (managed === null ? [process] : []));
  const publishers = port === null ? [] : others.filter(({ command }) => publisherIn(command) !== null);
  const first = others.find(({ pid }) => pid === 1);
  const daemon = each.find(({ process }) => isUnnamedDaemon(process))?.process;
  const rest = others.filter(
    (process) => process.pid !== 1 && process !== daemon && !publishers.includes(process),
  );
  return [
    ...[...managers.values()].map((origin) => stopManager(origin, shell)),
    ...(port === null ? [] : stopPublishers(publishers, port, shell)),
    ...(daemon === undefined ? [] : [stopApp(daemon, shell)]),
    ...(first === undefined ? [] : [stopFirst(first, shell)]),
    ...(rest.length === 0 ? [] : endSteps(rest, port, shell)),
  ];
}

function stopApp({ uid, user }: ProcessFacts, shell: Shell): Step {
  const isOwn = shell.rightsOver([uid]) === 'own' && (uid === shell.uid || shell.uid === null);
  return step(
    `the daemon of pm2 has it for an app in cluster mode: find its name, and "pm2 stop" it${isOwn ? '' : ` as user ${user}`}`,
    isOwn ? shell.command('own', ['pm2', 'list']) : null,
  );
}

function managedBy(process: ProcessFacts): Origin | null {
  // Stopping the unit of the daemon would stop all its apps.
  if (isUnnamedDaemon(process)) return null;
  return process.origins.find(({ stop }) => stop !== null) ?? null;
}

// Only the user's own manager works without root.
function stopManager(origin: Origin, shell: Shell): Step {
  const { kind, name, stop, of } = origin;
  const { entered } = shell;
  if (kind === 'container' && entered !== null) return leaveAndStop(entered);
  const words = of === undefined ? (stop ?? []) : asItsUser(origin, shell.uid);
  const isOther = words.includes('--machine');
  const isOwn = words.includes('--user') || kind === 'pm2 app' || of !== undefined;
  const rights = isOwn && !isOther ? 'own' : 'root';
  return step(`stop it where it was started (${kind} ${name})`, shell.command(rights, words));
}

// The container's engine is not inside the container.
function leaveAndStop({ stop }: NonNullable<Shell['entered']>): Step {
  return step('it is the program of this container: stop the container, from outside of it', stop);
}

/** Stops publishers whose container could not be seen. */
function stopPublishers(publishers: readonly ProcessFacts[], port: number, shell: Shell): Step[] {
  const [podmans, dockers] = ['rootlessport', 'docker-proxy'].map((program) =>
    publishers.filter(({ command }) => publisherIn(command)?.program === program),
  ) as [ProcessFacts[], ProcessFacts[]];
  const rights = shell.rightsOver(podmans.map(({ uid }) => uid));
  const ps = ['podman', 'ps', '--format', '{{.Names}} {{.Ports}}'];
  return [
    ...(dockers.length === 0
      ? []
      : [
          step(
            'Docker publishes the port for a container: find its name, and "docker stop" it',
            shell.command('root', ['docker', 'ps', '--filter', `publish=${port}`]),
          ),
        ]),
    ...(podmans.length === 0
      ? []
      : [
          step(
            `podman publishes the port for a container${rights === 'own' ? '' : ` of ${podmans[0]?.user}`}: find its name, and "podman stop" it${rights === 'own' ? '' : ' as that user'}`,
            rights === 'own' ? shell.command('own', ps) : null,
          ),
        ]),
  ];
}

function stopFirst({ command }: ProcessFacts, shell: Shell): Step {
  const { entered } = shell;
  if (entered !== null) return leaveAndStop(entered);
  return /^(?:\S*\/)?(?:systemd|init)(?: |$)/.test(command)
    ? step(
        'systemd (pid 1) has it for a .socket unit: find that, and stop it',
        shell.command('own', ['systemctl', 'list-sockets']),
      )
    : step('pid 1 has it: it is the program of this container, so stop the container');
}

/** Ends processes in groups: those that act on SIGTERM, and those that do not. */
function endSteps(processes: readonly ProcessFacts[], port: number | null, shell: Shell): Step[] {
  const is = (...conditions: readonly ProcessFacts['condition'][]) =>
    processes.filter(({ condition }) => conditions.includes(condition));
  const leaving = is('ending', 'dumping core');
  const stopped = is('stopped');
  const debugged = is('in a debugger');
  const deaf = is('runs').filter(({ onTerminate }) => onTerminate === 'ignored');
  const plain = is('runs').filter(({ onTerminate }) => onTerminate !== 'ignored');
  return [
    ...(plain.length === 0 ? [] : [askToEnd(plain, shell)]),
    ...(stopped.length === 0 ? [] : [continueAndEnd(stopped, shell)]),
    ...(debugged.length === 0 ? [] : [kill(debugged, 'a debugger holds it: end it there, or', shell)]),
    ...(deaf.length === 0 ? [] : [kill(deaf, 'it ignores SIGTERM, so only SIGKILL ends it:', shell)]),
    ...(leaving.length === 0 ? [] : [waitFor(leaving, port, shell)]),
  ];
}

function askToEnd(processes: readonly ProcessFacts[], shell: Shell): Step {
  return step(`${whereTo(processes)}${whoRestarts(processes)}`, killing(processes, [], shell));
}

function whereTo(processes: readonly ProcessFacts[]): string {
  const origins = processes.flatMap(({ origins }) => origins);
  const script = origins.find(({ kind }) => kind === 'npm script');
  const shell = origins.find(({ kind }) => kind === 'shell');
  if (script !== undefined) return `stop it where it was started, "${short(script.name)}": Ctrl-C there, or`;
  if (shell !== undefined) return `stop it in its terminal, under ${short(shell.name)}: Ctrl-C there, or`;
  return processes.length === 1
    ? 'ask it to end (SIGTERM)'
    : `ask ${processes.length === 2 ? 'both' : `all ${processes.length}`} of them to end (SIGTERM)`;
}

function whoRestarts(processes: readonly ProcessFacts[]): string {
  const own = new Set(processes.map(({ pid }) => pid));
  const parent = processes.flatMap(({ parents }) => parents.slice(0, 1)).find(({ pid }) => !own.has(pid));
  if (parent === undefined || parent.pid === 1) return '';
  if (shells.test(parent.command) || onceOnly.test(parent.command)) return '';
  return `; if it comes back, ${nameOf(parent)} starts it again`;
}

function continueAndEnd(processes: readonly ProcessFacts[], shell: Shell): Step {
  const [first] = processes;
  const who = processes.length === 1 && first !== undefined ? nameOf(first) : `${processes.length} of them`;
  const pids = pidsOf(processes);
  const rights = shell.rightsOver(processes.map(({ uid }) => uid));
  return step(
    `${who} ${processes.length === 1 ? 'is' : 'are'} stopped (SIGSTOP or Ctrl-Z) and cannot act on SIGTERM: "fg" in its terminal, or end and continue it`,
    shell.command(rights, ['kill', ...pids], ['kill', '-CONT', ...pids]),
  );
}

function kill(processes: readonly ProcessFacts[], why: string, shell: Shell): Step {
  const [first] = processes;
  const who = processes.length === 1 && first !== undefined ? `${nameOf(first)}: ` : '';
  return step(`${who}${why}`, killing(processes, ['-KILL'], shell));
}

function waitFor(processes: readonly ProcessFacts[], port: number | null, shell: Shell): Step {
  const [first] = processes;
  const doing = first?.condition === 'dumping core' ? 'writes a core dump' : 'is ending';
  return step(
    `${first === undefined ? 'it' : nameOf(first)} ${doing}, and then releases ${port === null ? 'it' : 'the port'}: wait for it`,
    port === null ? null : shell.tcpclose('own', 'why', String(port), '--wait'),
  );
}

export function killing(
  processes: readonly ProcessFacts[],
  options: readonly string[],
  shell: Shell,
): ReturnType<Shell['command']> {
  const rights = shell.rightsOver(processes.map(({ uid }) => uid));
  return shell.command(rights, ['kill', ...options, ...pidsOf(processes)]);
}

function pidsOf(processes: readonly ProcessFacts[]): string[] {
  return [...new Set(processes.map(({ pid }) => String(pid)))];
}

export function nameOf({ pid, command }: { readonly pid: number; readonly command: string }): string {
  return `pid ${pid} (${short(withoutFolder(command))})`;
}

function short(text: string): string {
  return shorten(text, 40);
}
