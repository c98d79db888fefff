import { type Harmless, harmless } from '../foreign.ts';
import { wordsOf } from '../observe/processes.ts';
import { podmansContainer } from '../observe/publisher.ts';
import { isDaemonOfPm2, pm2Origin } from './pm2.ts';
import type { ProcessName } from './process-facts.ts';
import { type ProcessFiles, uidOf, variable } from './process-files.ts';

/** What started a process, and the command that stops it there. */
export interface Origin {
  readonly kind:
    | 'npm script'
    | 'pm2 app'
    | 'supervisord program'
    | 'container'
    | 'systemd unit'
    | 'login session'
    | 'shell';
  readonly name: Harmless;
  /** The words of the command that stops it in order; null if only a signal can. */
  readonly stop: readonly string[] | null;
  /** The user who owns its engine, manager or daemon, if that is not root. Only that user can stop it, or root in that user's name. */
  readonly of?: number;
}

/** The command that stops it, for the user who can run it. */
export function asItsUser({ kind, stop, of }: Origin, uid = process.geteuid?.() ?? null): readonly string[] {
  const words = stop ?? [];
  if (of === undefined || of === uid) return words;
  // It needs that user's bus, which sudo alone does not reach.
  if (kind === 'systemd unit') return ['systemctl', '--machine', `${of}@.host`, ...words.slice(1)];
  return ['sudo', '-H', '-u', `#${of}`, ...words];
}

/** Listed from the innermost out. `onTerminal` contains the ancestors with a terminal. */
export function originsOf(
  files: ProcessFiles,
  parents: readonly ProcessName[],
  onTerminal: ReadonlySet<number>,
  uidOfPid: (pid: number) => number | null = () => null,
): Origin[] {
  const found = [
    npmScript(files, parents),
    pm2App(files, parents, uidOfPid),
    supervisordProgram(files, parents),
    podman(files, parents, uidOfPid) ?? container(files),
    systemdUnit(files),
    shell(parents, onTerminal),
  ];
  return found.filter((origin) => origin !== null);
}

// npm names its script in the environment, which only the same user and root may read, and in its own title.
function npmScript({ environ }: ProcessFiles, parents: readonly ProcessName[]): Origin | null {
  const script = variable(environ, 'npm_lifecycle_event');
  if (script !== undefined) {
    const name = variable(environ, 'npm_package_name');
    const full = name === undefined ? script : `${script} of ${name}`;
    return { kind: 'npm script', name: harmless(full), stop: null };
  }
  const runner = parents.find(({ command }) => /^(?:npm|pnpm|yarn) (?:run |exec )?\S+/.test(command));
  return runner === undefined ? null : { kind: 'npm script', name: runner.command, stop: null };
}

// Programs that an app of pm2 starts inherit its environment, and may outlive it.
function pm2App(
  { environ }: ProcessFiles,
  parents: readonly ProcessName[],
  uidOfPid: (pid: number) => number | null,
): Origin | null {
  const id = variable(environ, 'pm_id');
  const daemon = parents.find(({ command }) => isDaemonOfPm2(command));
  if (id === undefined || !/^\d+$/.test(id) || daemon === undefined) return null;
  return pm2Origin(harmless(variable(environ, 'name') ?? id), [id], environ, uidOfPid(daemon.pid));
}

function supervisordProgram({ environ }: ProcessFiles, parents: readonly ProcessName[]): Origin | null {
  const [group, name] = ['SUPERVISOR_GROUP_NAME', 'SUPERVISOR_PROCESS_NAME'].map((key) =>
    variable(environ, key),
  );
  if (group === undefined || name === undefined || !/^[\w.][\w.-]*$/.test(group + name)) return null;
  if (!parents.some(({ command }) => /\bsupervisord\b/.test(command))) return null;
  const program = `${group}:${name}`;
  return { kind: 'supervisord program', name: harmless(program), stop: ['supervisorctl', 'stop', program] };
}

/** The engines by the names of their cgroups, and the command of each that stops a container. */
const engines: readonly { within?: string; pattern: RegExp; stop: readonly string[] }[] = [
  { pattern: /\/docker[-/]([0-9a-f]{12})/, stop: ['docker', 'stop'] },
  { pattern: /\/libpod-(?!conmon)([0-9a-f]{12})/, stop: ['podman', 'stop'] },
  { pattern: /\/(?:cri-containerd|crio)-([0-9a-f]{12})/, stop: ['crictl', 'stop'] },
  { within: '/kubepods', pattern: /\/([0-9a-f]{12})[0-9a-f]{52}(?![0-9a-f])/, stop: ['crictl', 'stop'] },
  { pattern: /\/lxc(?:\.payload)?[./]([^/\n]+)/, stop: ['lxc-stop', '-n'] },
  { pattern: /\/machine-([^/\n]+)\.scope/, stop: ['machinectl', 'poweroff'] },
];

/** Found by conmon, which is above each podman container and holds its published ports: its command line has the container's name. */
function podman(
  { cmdline, status }: ProcessFiles,
  parents: readonly ProcessName[],
  uidOfPid: (pid: number) => number | null,
): Origin | null {
  const own = podmansContainer(wordsOf(cmdline).join(' '));
  if (own !== null) return podmanOrigin(own, uidOf(status));
  for (const { pid, command } of parents) {
    const name = podmansContainer(command);
    if (name !== null) return podmanOrigin(name, uidOfPid(pid));
  }
  return null;
}

function podmanOrigin(name: string, uid: number | null): Origin {
  const stop = ['podman', 'stop', name];
  return { kind: 'container', name: harmless(name), stop, ...(uid === null || uid === 0 ? {} : { of: uid }) };
}

function container({ cgroup, status }: ProcessFiles): Origin | null {
  for (const { within = '', pattern, stop } of engines) {
    if (!cgroup.includes(within)) continue;
    const written = pattern.exec(cgroup)?.[1];
    if (written === undefined) continue;
    const name = unescaped(written);
    // A name that looks like an option is not put into a command; the same for units below.
    const words = name.startsWith('-') ? null : [...stop, name];
    return { kind: 'container', name: harmless(name), stop: words };
  }
  // NSpid has several numbers: one for each nested pid namespace.
  const numbers = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/) ?? [];
  if (numbers.length < 2) return null;
  const name = harmless(`a pid namespace, in which it is ${numbers.at(-1)}`);
  return { kind: 'container', name, stop: null };
}

// systemd escapes characters that the name of a unit may not contain as \x2d.
function unescaped(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Units that start other programs: stopping them would stop more than the program. */
const hosts = /^(?:ssh|sshd|cron|crond|atd|getty@.*|gnome-terminal-server|dbus|user@.*)$/;

function systemdUnit({ cgroup }: ProcessFiles): Origin | null {
  const units = [...cgroup.matchAll(/\/([^/\n]+)\.(service|socket|scope)(?=[/\n]|$)/g)];
  const own = units.filter(([, name = '']) => !/^(user@|docker-|libpod-|cri|init$)/.test(name)).at(-1);
  if (own === undefined) return null;
  const [, name = '', type = ''] = own;
  const session = /^session-(.+)$/.exec(name)?.[1];
  if (session !== undefined) return { kind: 'login session', name: harmless(session), stop: null };
  const unit = `${name}.${type}`;
  // A scope contains programs that others started, such as a whole terminal.
  if (type === 'scope' || hosts.test(name) || unit.startsWith('-'))
    return { kind: 'systemd unit', name: harmless(unit), stop: null };
  const user = /\/user@(\d+)\.service\//.exec(cgroup)?.[1];
  const command = cgroup.includes('/user@') ? ['systemctl', '--user'] : ['systemctl'];
  const of = user === undefined || user === '0' ? {} : { of: Number(user) };
  return { kind: 'systemd unit', name: harmless(unit), stop: [...command, 'stop', unit], ...of };
}

/** Whether a command line is that of a shell. */
export const shells = /^-?(?:\S*\/)?(?:ba|z|fi|da|k|tc|c|a)?sh(?: |$)/;

/** Programs that run another one only once, or a session, and so do not start it again. */
export const onceOnly =
  /^(?:\S*\/)?(?:sshd(?:-session)?|login|su|sudo|doas|timeout|nohup|nice|ionice|setsid|stdbuf|env|time|strace|ltrace|script|expect|xargs|tmux|screen|SCREEN|tini|dumb-init|catatonit|docker-init|unshare|nsenter|bwrap|setpriv|runuser|chroot|faketime|taskset|numactl|flock)(?:[: ]|$)/;

// An interactive shell, not one that runs a script.
function shell(parents: readonly ProcessName[], onTerminal: ReadonlySet<number>): Origin | null {
  const found = parents.find(({ pid, command }) => onTerminal.has(pid) && shells.test(command));
  return found === undefined
    ? null
    : { kind: 'shell', name: harmless(`${found.command} (pid ${found.pid})`), stop: null };
}
