import { TcpcloseError } from '../errors.ts';
import type { Lab } from '../lab/lab.ts';
import { poll } from '../time.ts';

const patienceMs = 20_000;

/**
 * When TcpExt TW counts a TIME_WAIT: when it begins, or before Linux 5.18 when it ends (27dd35e02235, "tcp/dccp: no longer use twsk_net(tw)
 * from tw_timer_handler()"). It is tried with one TIME_WAIT, which remains.
 */
export async function timeWaitsCount(lab: Lab): Promise<'as they begin' | 'as they end'> {
  const counters = await lab.kernel.counters();
  const server = await lab.server({ name: 'server of one', conduct: 'reads' });
  const client = await lab.client(server, { name: 'client of one' });
  await client.end();
  const isThere = async () => (await lab.load.timeWaits()) > 0;
  if (!(await poll('the TIME_WAIT of a connection', isThere, { withinMs: patienceMs, everyMs: 5 })))
    throw new TcpcloseError('no-time-wait', 'a connection that ended has left no TIME_WAIT: run it again');
  return (await counters.moved('TW')) > 0 ? 'as they begin' : 'as they end';
}
