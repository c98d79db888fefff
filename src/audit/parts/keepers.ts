import { publisherIn } from '../../observe/publisher.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';

/** Whether a container engine holds the listener, for traffic that its NAT rule does not reach, or to reserve the port. */
export function keepsThePort(listener: Socket, facts: Facts): boolean {
  return facts.holdersOf(listener).some(({ pid, name }) => {
    return name === 'kube-proxy' || publisherIn(facts.process(pid)?.command ?? `${name} `) !== null;
  });
}
