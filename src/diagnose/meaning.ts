import type { Diagnosis } from './diagnosis.ts';
import { whenFreed } from './free-in.ts';
import type { HolderKind } from './kinds.ts';
import { isEphemeral } from './settings.ts';

/** The meaning of a port about which there is nothing more to say. */
export const justFree = 'Nothing holds the port: a bind succeeds.';

/** The conclusion in a sentence or two: which rule decides, and until when. */
export function meaningOf(diagnosis: Diagnosis): string {
  const sentences =
    diagnosis.verdict === 'held' ? [...whenHeld(diagnosis), whenFreed(diagnosis)] : whenFree(diagnosis);
  return [...sentences, ...aboutRange(diagnosis)].join(' ');
}

function whenHeld(diagnosis: Diagnosis): string[] {
  const { holders, passesOn, host } = diagnosis;
  const [first] = holders.filter(({ meets }) => meets);
  if (first === undefined)
    return [
      `A bind to ${host} finds the port in use, but no socket on it is visible: most likely one that is bound and does not listen.`,
    ];
  const also =
    passesOn.length === 0 ? [] : [`A bind to ${passesOn.join(' or ')} alone succeeds: it does not conflict.`];
  const left = holders.some(({ meets, mptcp }) => meets && mptcp === 'left') ? [mptcpLeft] : [];
  return [whatHolds(first.kind, diagnosis), ...left, ...also];
}

// As long as that lasts, its subflow is ESTABLISHED, and "ss -t" shows it without a process.
const mptcpLeft =
  'What is left is of MPTCP ("ss -M" shows it): the server has closed and the client has not. The kernel keeps it for net.mptcp.close_timeout; if the client closes before, TIME_WAIT follows.';

function whatHolds(kind: HolderKind, diagnosis: Diagnosis): string {
  const { bind, passesOn } = diagnosis;
  switch (kind) {
    case 'listener':
      return `A server listens on the port. Every bind${passesOn.length === 0 ? '' : ' that overlaps with it'} fails, with SO_REUSEADDR or without, as long as any process has the listener open.${isShared(diagnosis) ? sharing : ''}`;
    case 'bound':
      return `A socket is bound to the port and does not listen; ss does not show it. A bind without SO_REUSEADDR fails, and ${bind.withReuseAddress === 'ok' ? 'one with it succeeds' : 'so does one with it'}.`;
    case 'connection':
      return whatRemains(bind.withReuseAddress);
    case 'client':
      return "A client's outgoing connection has the port as its own. It blocks a server like one of the server's own connections, and its socket usually lacks SO_REUSEADDR.";
  }
}

const sharing =
  ' One with SO_REUSEPORT by the same user succeeds, and the kernel distributes the clients between both.';

function isShared({ holders }: Diagnosis): boolean {
  return holders.filter(({ meets }) => meets).every(({ reusePort }) => reusePort === true);
}

function whatRemains(withReuseAddress: string | null): string {
  switch (withReuseAddress) {
    case 'ok':
      return 'Nothing is listening: connections left by an exited server block a bind without SO_REUSEADDR. All of them have the option, so a bind with it succeeds.';
    case null:
      return 'Nothing is listening: connections left by an exited server block a bind without SO_REUSEADDR; one with it succeeds if they have it too.';
    default:
      return 'Nothing is listening: connections left by an exited server block every bind, even one with SO_REUSEADDR, because at least one of them lacks it. The old and the new socket both need the option, or both SO_REUSEPORT.';
  }
}

function whenFree({ bind, holders, elsewhere, settings, host }: Diagnosis): string[] {
  const apart = holders.length === 0 ? [] : [`The port is held only on addresses other than ${host}.`];
  const there =
    elsewhere.length === 0
      ? []
      : ['Another network of this machine has a listener on it, which does not matter here.'];
  if (bind.withoutReuseAddress === 'EACCES') {
    return [
      `Nothing holds the port, but this user may not bind it: a port below ${settings.unprivilegedFrom ?? 1024} needs CAP_NET_BIND_SERVICE.`,
      ...there,
    ];
  }
  const failure = bind.withoutReuseAddress;
  if (failure === null)
    return ['No holder of the port is visible; a bind was not tried.', ...apart, ...there];
  if (failure !== 'ok')
    return [`Nothing holds the port, but a bind fails with ${failure}: a rule of the system forbids it.`];
  return [holders.length === 0 ? justFree : 'Nothing holds it there: a bind succeeds.', ...apart, ...there];
}

function aboutRange({ port, settings, holders }: Diagnosis): string[] {
  if (settings.reserved === true) {
    return [
      'The port is in ip_local_reserved_ports: the kernel does not give it to clients, and a bind to it works as to any other.',
    ];
  }
  if (
    !isEphemeral(port, settings) ||
    settings.ephemeral === null ||
    holders.some(({ kind }) => kind === 'listener')
  )
    return [];
  return [
    `It lies in ip_local_port_range (${settings.ephemeral.join(' to ')}): the kernel may give it to a client at any time.`,
  ];
}
