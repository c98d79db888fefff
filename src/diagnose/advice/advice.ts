import type { Diagnosis, Holder } from '../diagnosis.ts';
import { processesOf } from '../process-facts.ts';
import { reusePortCode, stopCode } from './languages.ts';
import { findOut, forBound, forClient, forRemains } from './remains.ts';
import type { Shell } from './shell.ts';
import { codeStep, type Step, step } from './step.ts';
import { stopSteps } from './stop.ts';

/** What to do, best first; empty if a bind succeeds. */
export function adviceFor(diagnosis: Diagnosis, shell: Shell): Step[] {
  const { verdict, bind } = diagnosis;
  switch (verdict) {
    case 'free':
      return forElsewhere(diagnosis, shell);
    case 'forbidden':
      return bind.withoutReuseAddress === 'EACCES' ? forPrivilege(diagnosis, shell) : [];
    case 'held':
      return bind.withoutReuseAddress === 'EACCES'
        ? [...forHeld(diagnosis, shell), ...forPrivilege(diagnosis, shell)]
        : forHeld(diagnosis, shell);
  }
}

function forHeld(diagnosis: Diagnosis, shell: Shell): Step[] {
  const meeting = diagnosis.holders.filter(({ meets }) => meets);
  const [first] = meeting;
  switch (first?.kind) {
    case 'listener':
      return forListeners(
        meeting.filter(({ kind }) => kind === 'listener'),
        diagnosis,
        shell,
      );
    case 'bound':
      return forBound(first, diagnosis, shell);
    case 'connection':
      return forRemains(meeting, diagnosis, shell);
    case 'client':
      return forClient(first, diagnosis, shell);
    case undefined:
      return [
        { ...findOut(diagnosis, shell), text: 'run tcpclose as root' },
        step(
          'look for a socket that is bound and does not listen: kernels before 6.8 do not show it; the program that was started last is likely',
        ),
      ];
  }
}

function forListeners(listeners: readonly Holder[], diagnosis: Diagnosis, shell: Shell): Step[] {
  const { port, passesOn } = diagnosis;
  const shared = listeners.every(({ reusePort }) => reusePort === true);
  return [
    ...stopSteps([...processesOf(listeners).values()], port, shell),
    ...(listeners.some(({ owner }) => owner === 'unseen') ? [findOut(diagnosis, shell)] : []),
    shared
      ? codeStep(
          'it has SO_REUSEPORT: a server of the same user that sets it as well shares the port',
          reusePortCode,
        )
      : step('to run both, give one of them another port: SO_REUSEADDR does not help against a listener'),
    codeStep('if it should have ended already, make it and its workers end on SIGTERM', stopCode),
    // It helps only a few users, so only --long shows it.
    ...(passesOn.length > 0
      ? [step(`bind to ${passesOn.join(' or ')}, if that is enough: this works now`)]
      : []),
  ];
}

function forPrivilege({ port, settings }: Diagnosis, shell: Shell): Step[] {
  const from = settings.unprivilegedFrom ?? 1024;
  return [
    step(
      `to bind as this user, choose a port from ${from} on, behind a proxy or a redirect if it must be ${port}`,
    ),
    step(
      `give the privilege to the program: setcap cap_net_bind_service=+ep on its file; systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE in its unit; Docker: --cap-add NET_BIND_SERVICE`,
    ),
    step(
      `give it to all programs, for ports from ${port} on`,
      shell.command('root', ['sysctl', '-w', `net.ipv4.ip_unprivileged_port_start=${port}`]),
    ),
  ];
}

function forElsewhere({ elsewhere, port, ownUid }: Diagnosis, shell: Shell): Step[] {
  const [first] = elsewhere;
  if (first === undefined) return [];
  const { pid, origins } = first.process;
  const [origin] = origins;
  const launcher = ['nsenter', '--net', '--target', String(pid)];
  return [
    step(
      `to reach what listens in the other network, publish its port: docker run -p ${port}:${port}, kubectl port-forward`,
    ),
    step(
      `to look at it there${origin === undefined ? '' : ` (${origin.kind} ${origin.name})`}`,
      shell.tcpcloseThrough('own', ownUid === 0 ? launcher : ['sudo', ...launcher], 'why', String(port)),
    ),
  ];
}
