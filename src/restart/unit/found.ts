import { TcpcloseError } from '../../errors.ts';
import { harmless } from '../../foreign.ts';
import { many } from '../../many.ts';
import { socketsOf } from '../../observe/proc/holders.ts';
import type { Process } from '../../observe/processes.ts';
import type { Arrival } from '../arrival.ts';
import { choose, whichOne } from '../choice.ts';
import type { RoundContext } from '../context.ts';
import { listenersOn, newListeners } from '../listening.ts';
import type { Wanted } from '../server-options.ts';
import type { TcpTarget } from '../target.ts';
import { Debuggers } from '../tools.ts';
import { processesOf } from './members.ts';
import { quotedCommand, stateOf, type Unit, type UnitState } from './systemd.ts';

/** A running service, and where it listens. */
export interface FoundUnit extends Arrival {
  readonly unit: Unit;
  readonly state: UnitState;
  readonly processes: readonly Process[];
  readonly target: TcpTarget;
}

/** @throws TcpcloseError `unit-not-active`, `unit-without-process`, `unit-without-port`, `several-ports` */
export async function findUnit(context: RoundContext, unit: Unit, wanted: Wanted): Promise<FoundUnit> {
  const state = await stateOf(unit, context.signal);
  requireActive(unit, state);
  const processes = processesOf(state.controlGroup);
  const holders = socketsOf(processes);
  const rows = newListeners(context, holders, new Set(), undefined);
  const own = wanted.kind === 'port' ? rows.filter(({ local }) => local.port === wanted.port) : rows;
  const choice = await choose(own, [], [], new Debuggers());
  if (choice.state === 'several') throw whichOne(choice.candidates);
  if (choice.state !== 'tcp') throw withoutPort(context, unit, processes, wanted);
  const port = choice.rows[0]?.local.port ?? 0;
  const all = await choose(rows, [], [], new Debuggers());
  const candidates = all.state === 'several' ? all.candidates : all.others;
  return {
    ...{ unit, state, processes },
    target: { kind: 'tcp', port, listeners: choice.rows },
    others: candidates.filter(({ place }) => place !== port),
  };
}

function requireActive(unit: Unit, { loaded, active, sub, mainPid, sockets }: UnitState): void {
  const { name } = unit;
  if (loaded !== 'loaded') {
    const list = quotedCommand({ ...unit, name: '' }, 'list-units');
    throw new TcpcloseError(
      'no-unit',
      `systemd has no unit ${name} (${harmless(loaded)}): look at ${list}, or add --user for your own unit`,
    );
  }
  if (active !== 'active') {
    const by = sockets.length === 0 ? '' : `, or connect to ${sockets.join(', ')}`;
    throw new TcpcloseError(
      'unit-not-active',
      `${name} is ${harmless(active)} (${harmless(sub)}): start it first, ${quotedCommand(unit, 'start')}${by}`,
    );
  }
  if (mainPid === 0) {
    throw new TcpcloseError(
      'unit-without-process',
      `systemd knows no main process of ${name} (${harmless(sub)}): give it PIDFile= or Type=notify, and start it again`,
    );
  }
}

function withoutPort(
  context: RoundContext,
  { name }: Unit,
  processes: readonly Process[],
  wanted: Wanted,
): TcpcloseError {
  const port = wanted.kind === 'port' ? wanted.port : undefined;
  const hidden = port !== undefined && listenersOn(context, port, socketsOf(processes)).length > 0;
  const where = port === undefined ? 'on no TCP port' : `not on port ${port}`;
  const count = many(processes.length, 'process', 'processes');
  const isRoot = process.getuid?.() === 0;
  const remedy = isRoot
    ? hidden
      ? `"tcpclose why ${port}" says who does`
      : 'start it so that it listens, in this network namespace'
    : 'run tcpclose as root, who sees the sockets of other users';
  return new TcpcloseError(
    'unit-without-port',
    `${name} (${count}) listens ${where}, as far as can be seen: ${remedy}`,
  );
}
