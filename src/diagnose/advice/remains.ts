/** Advice if nothing listens: leftovers of a server, a client's connection, a bound socket. */
import { formatEndpoint } from '../../address.ts';
import { formatSpan } from '../../time.ts';
import type { Diagnosis, Holder } from '../diagnosis.ts';
import type { ProcessFacts } from '../process-facts.ts';
import { isEphemeral } from '../settings.ts';
import { reuseAddressCode } from './languages.ts';
import type { Shell } from './shell.ts';
import { codeStep, type Step, step } from './step.ts';
import { killing, nameOf, stopSteps } from './stop.ts';

export function forRemains(meeting: readonly Holder[], diagnosis: Diagnosis, shell: Shell): Step[] {
  const { bind } = diagnosis;
  const always = [
    ...meeting.flatMap((holder) => forOwners(holder, shell)),
    ...(meeting.some(({ owner }) => owner === 'unseen') ? [findOut(diagnosis, shell)] : []),
    ...(meeting.some(({ kind }) => kind === 'client') ? forEphemeral(diagnosis, shell) : []),
    ...waiting(diagnosis, shell),
  ];
  if (bind.withReuseAddress === 'ok') {
    const now = 'set SO_REUSEADDR before bind(): that works now, and costs nothing';
    return [codeStep(now, reuseAddressCode), ...always];
  }
  return [
    ...always,
    codeStep(
      'set SO_REUSEADDR before bind() in every start: it helps from the next start on, because the current leftovers lack it',
      reuseAddressCode,
    ),
    ...destroying(meeting, diagnosis, shell),
    ...destroyingSubflows(meeting, diagnosis, shell),
    ...(meeting.some(({ state }) => state === 'TIME_WAIT')
      ? [step('let the clients close first if you own the protocol: TIME_WAIT then stays with them')]
      : []),
  ];
}

function forOwners({ state, processes }: Holder, shell: Shell): Step[] {
  const [first] = processes;
  if (first === undefined) return [];
  const who = processes.length === 1 ? nameOf(first) : `${processes.length} processes`;
  const has = processes.length === 1 ? 'has' : 'have';
  const text =
    state === 'CLOSE_WAIT'
      ? `${who} ${has} not closed connections that their peers closed: make it close() them, or end it`
      : `${who} still ${has} connections of the port: let it finish, or end it`;
  return [step(text, ending(processes, shell))];
}

function ending(processes: readonly ProcessFacts[], shell: Shell): Step['command'] {
  const deaf = processes.every(({ onTerminate }) => onTerminate === 'ignored');
  return killing(processes, deaf ? ['-KILL'] : [], shell);
}

function waiting({ port, freeInMs, freeAtLatestInMs }: Diagnosis, shell: Shell): Step[] {
  if (freeInMs === null) return [];
  const longer =
    freeAtLatestInMs === null || freeAtLatestInMs === freeInMs
      ? ''
      : `, or in up to ${formatSpan(freeAtLatestInMs)} if the other side closes`;
  const text = `wait until the kernel frees the port, in ${formatSpan(freeInMs)}${longer}`;
  return [step(text, shell.tcpclose('own', 'why', String(port), '--wait'))];
}

/** The states in the spelling of ss(8) filters. */
const ssNames = {
  TIME_WAIT: 'time-wait',
  FIN_WAIT1: 'fin-wait-1',
  FIN_WAIT2: 'fin-wait-2',
  CLOSING: 'closing',
  LAST_ACK: 'last-ack',
} as const;

// ss skips TIME_WAIT unless a state is named, and connections of a process must not be touched.
function destroying(meeting: readonly Holder[], { port, sockets }: Diagnosis, shell: Shell): Step[] {
  const left = meeting.filter(({ owner }) => owner === 'none').map(({ state }) => state);
  const states = Object.entries(ssNames).flatMap(([state, name]) =>
    left.some((other) => other === state) ? ['state', name] : [],
  );
  if (states.length === 0) return [];
  const words = ['ss', '-K', '-t', ...states, `sport = :${port}`];
  // A FIN counts as one byte.
  const unsent = sockets.some(
    ({ local, state, sendQueue }) =>
      local.port === port && sendQueue > 1 && state in ssNames && left.includes(state),
  );
  return [
    step(
      `destroy the leftovers${unsent ? ', with unsent data' : ''} (kernels with CONFIG_INET_DIAG_DESTROY)`,
      shell.command('root', words),
    ),
  ];
}

// A server that has the port now may have connections in the same state: name these by their other ends.
function destroyingSubflows(meeting: readonly Holder[], { port }: Diagnosis, shell: Shell): Step[] {
  const left = meeting.filter(
    ({ mptcp, state, count, remotes }) =>
      mptcp === 'left' && state === 'ESTABLISHED' && count === remotes.length,
  );
  if (left.length === 0) return [];
  const ends = left.flatMap(({ remotes }) => remotes.map((remote) => `dst ${formatEndpoint(remote)}`));
  const words = ['ss', '-K', '-t', 'state', 'established', `sport = :${port} and ( ${ends.join(' or ')} )`];
  return [
    step(
      'end the MPTCP connection for its client as well, with unsent data (kernels with CONFIG_INET_DIAG_DESTROY)',
      shell.command('root', words),
    ),
  ];
}

export function forClient(holder: Holder, diagnosis: Diagnosis, shell: Shell): Step[] {
  const { processes, remotes } = holder;
  const [first] = processes;
  const [remote] = remotes;
  const to = remote === undefined ? '' : ` to ${formatEndpoint(remote)}`;
  return [
    first === undefined
      ? step(`the port is free when the connection${to} is gone`)
      : step(`${nameOf(first)} has a connection${to}: let it finish, or end it`, ending(processes, shell)),
    ...(holder.owner === 'unseen' ? [findOut(diagnosis, shell)] : []),
    ...waiting(diagnosis, shell),
    ...(holder.owner === 'none' ? destroying([holder], diagnosis, shell) : []),
    ...forEphemeral(diagnosis, shell),
  ];
}

function forEphemeral({ port, settings }: Diagnosis, shell: Shell): Step[] {
  if (!isEphemeral(port, settings) || settings.ephemeral === null) return [];
  const [low, high] = settings.ephemeral;
  const { reservedList } = settings;
  const outside = step(
    `permanently: choose a port outside of ${low} to ${high}, from which the kernel gives ports to clients`,
  );
  if (reservedList === null) return [outside];
  // Writing the list replaces it, so it includes what is already reserved.
  const list = reservedList === '' ? port : `${reservedList},${port}`;
  const words = ['sysctl', '-w', `net.ipv4.ip_local_reserved_ports=${list}`];
  return [outside, step('keep clients away from it', shell.command('root', words))];
}

export function forBound(holder: Holder, diagnosis: Diagnosis, shell: Shell): Step[] {
  const { processes } = holder;
  const [first] = processes;
  if (first === undefined) return [findOut(diagnosis, shell)];
  return [
    step(`${nameOf(first)} has bound the port and does not listen: let it listen, or close the socket`),
    ...stopSteps(processes, diagnosis.port, shell),
  ];
}

export function findOut({ port }: Diagnosis, shell: Shell): Step {
  return step('to identify it', shell.tcpclose('root', 'why', String(port)));
}
