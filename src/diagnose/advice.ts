import { formatSpan } from '../time.ts';
import type { Diagnosis, Holder } from './diagnosis.ts';
import { reuseAddressLines, reusePortLines, stopLines } from './languages.ts';
import { shells } from './origin.ts';
import type { ProcessFacts } from './process-facts.ts';
import { isEphemeral } from './settings.ts';

/** What to do, the best first; nothing where a bind passes as it is. */
export function adviceFor(diagnosis: Diagnosis): string[] {
  const { held, holders, bind } = diagnosis;
  if (!held) return bind.withoutReuseAddress === 'EACCES' ? forPrivilege(diagnosis) : forElsewhere(diagnosis);
  const meeting = holders.filter(({ meets }) => meets);
  const [first] = meeting;
  switch (first?.kind) {
    case 'listener':
      return forListeners(
        meeting.filter(({ kind }) => kind === 'listener'),
        diagnosis,
      );
    case 'bound':
      return forBound(first, diagnosis);
    case 'connection':
      return forRemains(meeting, diagnosis);
    case 'client':
      return forClient(first, diagnosis);
    case undefined:
      return forNothingSeen(diagnosis);
  }
}

function forListeners(listeners: readonly Holder[], diagnosis: Diagnosis): string[] {
  const { port, passesOn } = diagnosis;
  const shared = listeners.every(({ reusePort }) => reusePort === true);
  return unique([
    ...listeners.flatMap(({ processes }) => processes.slice(0, 1)).flatMap(stopInOrder),
    ...(listeners.some(({ owner }) => owner === 'unseen')
      ? [`find out who it is: sudo tcpclose why ${port}`]
      : []),
    'if the old server should have ended: let it end on SIGTERM, and its workers with it:',
    ...stopLines,
    ...(passesOn.length > 0
      ? [`if that suffices, bind to ${passesOn.join(' or ')}, where it passes now`]
      : []),
    ...(shared
      ? [
          'the listener has SO_REUSEPORT: a server of the same user that sets it, too, shares the port:',
          ...reusePortLines,
        ]
      : ['if both are to run: give one of them another port (SO_REUSEADDR does not pass over a listener)']),
  ]);
}

function stopInOrder({ pid, origins, parents, command }: ProcessFacts): string[] {
  const proxy = /docker-proxy .*-container-ip (\S+)/.exec(command)?.[1];
  if (proxy !== undefined)
    return [`stop the container with the address ${proxy}: "docker ps" names it, then "docker stop"`];
  if (pid === 1) {
    return [
      'pid 1 has it: systemd for a .socket unit ("systemctl list-sockets" names it, "systemctl stop" stops it); in a container it is the program of the container, which is then to be stopped',
    ];
  }
  const ways = origins.flatMap(({ stop }) =>
    stop === null ? [] : [`stop it where it was started: ${stop}`],
  );
  if (ways.length > 0) return ways;
  const script = origins.find(({ kind }) => kind === 'npm script');
  const shell = origins.find(({ kind }) => kind === 'shell');
  if (script !== undefined)
    return [`stop it where it was started, "${script.name}": Ctrl-C there, or kill ${pid}`];
  if (shell !== undefined)
    return [`stop it in its terminal, under ${shell.name}: Ctrl-C there, or kill ${pid}`];
  const parent = parents[0];
  const restarts = parent !== undefined && parent.pid !== 1 && !shells.test(parent.command);
  const again = restarts
    ? `; if it comes back, pid ${parent.pid} (${short(parent.command)}) starts it again`
    : '';
  return [`ask it to end: kill ${pid} (SIGTERM, which lets it close its connections)${again}`];
}

function forRemains(meeting: readonly Holder[], diagnosis: Diagnosis): string[] {
  const { port, bind, freeInMs } = diagnosis;
  const wait =
    freeInMs === null
      ? []
      : [`or wait: the kernel frees the port in ${formatSpan(freeInMs)} (tcpclose why ${port} --wait)`];
  const alive = meeting.filter(({ owner }) => owner !== 'none');
  const owners = alive.flatMap(({ state, processes }) =>
    processes.slice(0, 2).map(({ pid, command }) => ownerAdvice(state, pid, command)),
  );
  const unseen = alive.some(({ owner }) => owner === 'unseen')
    ? [`find out who has the connections: sudo tcpclose why ${port}`]
    : [];
  if (bind.withReuseAddress === 'ok') {
    return unique([
      'set SO_REUSEADDR before bind(): that passes now, and costs nothing:',
      ...reuseAddressLines,
      ...owners,
      ...unseen,
      ...wait,
    ]);
  }
  const clients = meeting.some(({ kind }) => kind === 'client') ? forEphemeral(diagnosis) : [];
  return unique([
    ...owners,
    ...unseen,
    'set SO_REUSEADDR before bind() in every start: what remains now is of a socket without it, so that it helps from the next start on:',
    ...reuseAddressLines,
    ...clients,
    ...wait,
    'let the clients close first, where the protocol is yours: TIME_WAIT then stays at their end',
    ...(meeting.some(({ owner }) => owner === 'none')
      ? [
          `if it cannot wait, as root: ss -tK 'sport = :${port}' destroys what remains, data on its way included`,
        ]
      : []),
  ]);
}

function ownerAdvice(state: string, pid: number, command: string): string {
  const who = `pid ${pid} (${short(command)})`;
  return state === 'CLOSE_WAIT'
    ? `${who} has not closed connections that the other end has: it is to close() them, or to end: kill ${pid}`
    : `${who} still has connections of the port: let it finish and end, or end it: kill ${pid}`;
}

function forClient({ processes, remotes }: Holder, diagnosis: Diagnosis): string[] {
  const [process] = processes;
  const [remote] = remotes;
  const to = remote === undefined ? '' : ` to ${remote.address}:${remote.port}`;
  return unique([
    ...forEphemeral(diagnosis),
    process === undefined
      ? `now: it is free when the connection${to} has ended`
      : `now: it is free when pid ${process.pid} (${short(process.command)}) has ended its connection${to}; restart that client, or choose another port`,
    ...(diagnosis.freeInMs === null
      ? []
      : [`or wait ${formatSpan(diagnosis.freeInMs)}: tcpclose why ${diagnosis.port} --wait`]),
  ]);
}

function forEphemeral({ port, settings }: Diagnosis): string[] {
  if (!isEphemeral(port, settings) || settings.ephemeral === null) return [];
  const [low, high] = settings.ephemeral;
  return [
    `choose a port outside of ${low} to ${high}, from which the kernel gives ports to clients`,
    `or keep clients away from it: sysctl -w net.ipv4.ip_local_reserved_ports=${port} (adds to a list: look at it first)`,
  ];
}

function forBound({ processes }: Holder, { port, bind }: Diagnosis): string[] {
  const [process] = processes;
  return unique([
    process === undefined
      ? `find out who it is: sudo tcpclose why ${port}`
      : `pid ${process.pid} (${short(process.command)}) has bound the port and does not listen: let it listen or close the socket`,
    ...(process === undefined ? [] : stopInOrder(process)),
    ...(bind.withReuseAddress === 'ok'
      ? ['SO_REUSEADDR passes over it in bind(), but of two such sockets only the first can listen()']
      : []),
  ]);
}

function forNothingSeen({ port }: Diagnosis): string[] {
  return [
    `look as root: sudo tcpclose why ${port}`,
    'look for a socket that is bound and does not listen: kernels before 6.8 tell it to nobody; whoever was started last is likely',
  ];
}

function forPrivilege({ port, settings }: Diagnosis): string[] {
  const from = settings.unprivilegedFrom ?? 1024;
  return [
    `choose a port from ${from} on, behind a proxy or a redirection if it must be ${port}`,
    `systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit, or a .socket unit with ListenStream=${port}`,
    `a program: setcap cap_net_bind_service=+ep /path/to/it; Docker: --cap-add NET_BIND_SERVICE`,
    `all programs: sysctl -w net.ipv4.ip_unprivileged_port_start=${port}`,
  ];
}

function forElsewhere({ elsewhere, port }: Diagnosis): string[] {
  return elsewhere
    .flatMap(({ process: { pid, origins } }) => [
      `to reach what listens in the other network, publish its port: docker run -p ${port}:${port}, kubectl port-forward`,
      `to look at it there${origins[0] === undefined ? '' : ` (${origins[0].kind} ${origins[0].name})`}: tcpclose why ${port} --on 'nsenter --net --target ${pid}'`,
    ])
    .slice(0, 2);
}

function short(command: string): string {
  return command.length > 60 ? `${command.slice(0, 59)}…` : command;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
