import { constants } from 'node:os';
import { UsageError } from '../errors.ts';
import type { ReloadBy } from '../restart/reload/reload.ts';
import type { Trial } from '../restart/trial.ts';
import { oneOf } from './one-of.ts';
import type { RestartOptions, RestartOrder } from './restart.ts';

const restartOrders = ['server-first', 'client-first', 'both'] as const satisfies RestartOrder[];

/** Any signal: servers choose their own for a graceful stop, such as QUIT or WINCH. */
export function anySignal(text: string): NodeJS.Signals {
  const name = `SIG${text.toUpperCase().replace(/^SIG/, '')}`;
  const found = Object.entries(constants.signals).find(
    ([known, number]) => known === name || String(number) === text,
  );
  if (found !== undefined) return found[0] as NodeJS.Signals;
  throw new UsageError('bad-signal', `"${text}" is not a signal: give one such as TERM, INT, QUIT or KILL`);
}

export function orderOf(text: string): RestartOrder {
  return oneOf(restartOrders, text, 'order');
}

/** The chosen ways to restart. */
export function trialsOf(options: RestartOptions, reload: ReloadBy | undefined): Trial[] {
  const { all, clientsClose, load } = options;
  const signal = anySignal(options.signal ?? 'SIGTERM');
  if (reload !== undefined) {
    const used = reload.kind === 'command' ? signal : reload.signal;
    return [{ signal: used, clients: 'stay', order: 'server-first', reload, underLoad: 'yes' }];
  }
  const order = orderOf(options.order ?? 'server-first');
  const orders = order === 'both' ? (['server-first', 'client-first'] as const) : [order];
  const signals: readonly NodeJS.Signals[] = all ? ['SIGTERM', 'SIGKILL'] : [signal];
  const one = clientsClose ? 'close' : 'stay';
  // The clients of a load connect again themselves.
  const clients: readonly Trial['clients'][] = all && !load ? ['stay', 'close'] : [one];
  return orders.flatMap((order) =>
    // Clients that close first can neither stay nor close later.
    signals.flatMap((signal) =>
      (order === 'client-first' ? (['close'] as const) : clients).map((clients) => ({
        signal,
        clients,
        order,
        underLoad: load ? ('yes' as const) : ('no' as const),
      })),
    ),
  );
}
