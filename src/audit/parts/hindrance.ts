import { type Step, step } from '../../diagnose/advice/step.ts';
import { nameOf } from '../../diagnose/advice/stop.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Fault } from '../finding.ts';
import { type Hindrance, hinderedFor, longestTimeoutMs } from './ages.ts';
import { culpritsOf } from './culprits.ts';
import { continueStep } from './steps.ts';

/** The side at fault if nothing acknowledges the data that these sockets send. */
export function hindranceFault(sockets: readonly Socket[], hindrance: Hindrance, facts: Facts): Fault {
  const [first] = sockets;
  const address = first?.remote.address;
  const tries = Math.max(...sockets.map(({ timer }) => timer?.retransmits ?? 0));
  switch (hindrance) {
    case 'lost':
      return {
        side: 'the network',
        processes: [],
        because: `nothing from ${address} acknowledges it after ${tries} retransmissions: the host is gone, or something in between drops it`,
      };
    case 'not read': {
      const processes = culpritsOf(
        sockets.flatMap((socket) => facts.otherEnd(socket) ?? []),
        facts,
      );
      const [culprit] = processes;
      const who = culprit === undefined ? `the process at ${address}` : nameOf(culprit);
      const condition = facts.process(culprit?.pid ?? 0)?.condition ?? 'runs';
      const how = condition === 'runs' ? 'does not read' : `is ${condition}`;
      return {
        side: 'the other side',
        processes,
        because: `${who} ${how}: its receive buffer is full, and its window zero`,
      };
    }
    case 'not sent':
      return {
        side: 'this side',
        processes: [],
        because: `${address} would take it, and it does not leave this machine: a rule of the firewall here drops it, or the device is down`,
      };
  }
}

export function hindranceSteps(
  sockets: readonly Socket[],
  hindrance: Hindrance,
  facts: Facts,
): readonly Step[] {
  const address = sockets[0]?.remote.address;
  switch (hindrance) {
    case 'lost':
      return [
        step(
          `find out whether ${address} is still there: ping, its firewall, a NAT in between that has forgotten the connection`,
        ),
      ];
    case 'not read': {
      const [culprit] = hindranceFault(sockets, hindrance, facts).processes;
      const process = facts.process(culprit?.pid ?? 0);
      if (process?.condition === 'stopped') return [continueStep([process], facts)];
      const who = culprit === undefined ? `the process at ${address}` : nameOf(culprit);
      return [step(`have ${who} read what it was sent, or close`)];
    }
    case 'not sent':
      return [step('look for a rule that drops it', facts.shell.command('root', ['nft', 'list', 'ruleset']))];
  }
}

/** Milliseconds until the kernel gives up on a connection, whose timeouts double from the first one on. */
export function givesUpInMs(socket: Socket | undefined, firstMs: number, retries: number): number {
  const wholeMs = Array.from({ length: retries + 1 }, (_, i) => firstMs * 2 ** i)
    .map((ms) => Math.min(ms, longestTimeoutMs))
    .reduce((total, ms) => total + ms, 0);
  return Math.max(0, wholeMs - ((socket && hinderedFor(socket))?.ms ?? 0));
}
