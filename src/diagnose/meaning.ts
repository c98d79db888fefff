import { formatSpan } from '../time.ts';
import type { Diagnosis } from './diagnosis.ts';
import { isEphemeral } from './settings.ts';

/** What it comes to, in a sentence or two: which rule decides, and until when. */
export function meaningOf(diagnosis: Diagnosis): string {
  const sentences = diagnosis.held ? [...whenHeld(diagnosis), ...until(diagnosis)] : whenFree(diagnosis);
  return [...sentences, ...aboutRange(diagnosis)].join(' ');
}

function whenHeld({ holders, bind, passesOn, host }: Diagnosis): string[] {
  const [first] = holders.filter(({ meets }) => meets);
  const over = bind.withReuseAddress === 'ok' ? 'passes with it' : 'nor with it';
  const also =
    passesOn.length === 0 ? [] : [`A bind to ${passesOn.join(' or ')} alone passes, which it does not meet.`];
  switch (first?.kind) {
    case 'listener':
      return [
        'A server listens on the port. No bind passes over a listener, with SO_REUSEADDR or without, as long as any process has it open.',
        ...also,
      ];
    case 'bound':
      return [
        `A socket is bound to the port and does not listen; ss does not show it. A bind without SO_REUSEADDR does not pass, ${over}.`,
        ...also,
      ];
    case 'connection':
      return [whatRemains(bind.withReuseAddress), ...also];
    case 'client':
      return [
        "A client's outgoing connection has the port as its own. It blocks a server like a connection of the server's, and its socket lacks SO_REUSEADDR as a rule.",
        ...also,
      ];
    case undefined:
      return [
        `A bind to ${host} says that the port is in use, and no socket can be seen that has it: one that is bound and does not listen, most likely.`,
      ];
  }
}

function whatRemains(withReuseAddress: string | null): string {
  switch (withReuseAddress) {
    case 'ok':
      return 'Nobody listens: connections of a server that is gone block a bind without SO_REUSEADDR. All of them have the option, so that a bind with it passes.';
    case null:
      return 'Nobody listens: connections of a server that is gone block a bind without SO_REUSEADDR; one with it passes if they have it, too.';
    default:
      return 'Nobody listens: connections of a server that is gone block every bind, one with SO_REUSEADDR as well, since at least one of them was left by a socket without it. The option counts on both sides.';
  }
}

function until({ freeInMs }: Diagnosis): string[] {
  return freeInMs === null
    ? ['It does not become free by itself.']
    : [`If nothing else comes, it is free in ${formatSpan(freeInMs)}.`];
}

function whenFree({ bind, holders, elsewhere, settings, host }: Diagnosis): string[] {
  const apart = holders.length === 0 ? [] : [`What has the port has it on other addresses than ${host}.`];
  const there =
    elsewhere.length === 0
      ? []
      : ['In another network of this machine somebody listens on it; here that does not count.'];
  if (bind.withoutReuseAddress === 'EACCES') {
    return [
      `Nothing holds the port, but this user may not bind it: below ${settings.unprivilegedFrom ?? 1024} that takes CAP_NET_BIND_SERVICE.`,
      ...there,
    ];
  }
  const failure = bind.withoutReuseAddress;
  if (failure === null) return ['Nothing can be seen that holds the port.', ...apart, ...there];
  if (failure !== 'ok')
    return [`Nothing holds the port, and yet a bind fails with ${failure}: a rule of the system forbids it.`];
  return ['Nothing holds the port: a bind passes.', ...apart, ...there];
}

function aboutRange({ port, settings, holders }: Diagnosis): string[] {
  if (settings.reserved === true) {
    return [
      'The port is in ip_local_reserved_ports: the kernel gives it to no client, and a bind to it passes as to any other.',
    ];
  }
  if (
    !isEphemeral(port, settings) ||
    settings.ephemeral === null ||
    holders.some(({ kind }) => kind === 'listener')
  )
    return [];
  return [
    `It lies in ip_local_port_range (${settings.ephemeral.join(' to ')}): a client may be given it at any time.`,
  ];
}
