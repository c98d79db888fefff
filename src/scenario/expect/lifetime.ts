/** The minimum time that the kernel keeps a socket in a state, if no segment and no call ends that state before. */

import type { ConnectionEnd } from '../../lab/ends/connection-end.ts';
import type { Host } from '../../lab/hosts/host.ts';
import type { SocketOption } from '../../native/options.ts';
import { readSysctl } from '../../observe/sysctl.ts';
import type { State } from '../../state.ts';
import type { StateDetails } from './state-details.ts';

/** TCP_TIMEWAIT_LEN of <net/tcp.h>. */
const timeWaitMs = 60_000;
/** TCP_RTO_MIN and TCP_TIMEOUT_INIT of <net/tcp.h>. */
const leastRtoMs = 200;
const firstRtoMs = 1000;

/**
 * The minimum that the kernel's timers allow in any of the states, in milliseconds; Infinity if no timer ends them (ip-sysctl, tcp(7)). It
 * is computed on use, because a scenario may change the settings.
 */
export async function lifetimeOf(
  states: readonly State[],
  details: StateDetails,
  ends: readonly ConnectionEnd[],
  host: Host,
): Promise<number> {
  const setting = async (name: string, usual: number) =>
    Number((await readSysctl(host, `net.ipv4.${name}`)) ?? usual);
  const option = (name: SocketOption) => least(ends.map(({ options }) => options.get(name) ?? 0));
  const spans = states.flatMap((state) => spansOf(state, details, { setting, option }));
  return Math.min(Number.POSITIVE_INFINITY, ...(await Promise.all(spans)));
}

interface Known {
  setting(name: string, usual: number): Promise<number>;
  /** The minimum of an option that was set on any of the ends, in the units of native/options.ts; 0 if it was set on none. */
  option(name: SocketOption): number;
}

type Span = number | Promise<number>;

function spansOf(state: State, details: StateDetails, known: Known): Span[] {
  const { setting } = known;
  switch (state) {
    case 'TIME_WAIT':
      return [timeWaitMs];
    case 'FIN_WAIT2':
      return isHeld(details) ? keepalive(known) : orphanedFinWait2(known);
    case 'SYN_SENT':
      return [resending(firstRtoMs, setting('tcp_syn_retries', 6), details), ...userTimeout(known)];
    case 'SYN_RECV':
    case 'NEW_SYN_RECV':
      return [resending(firstRtoMs, setting('tcp_synack_retries', 5), details)];
    case 'FIN_WAIT1':
    case 'CLOSING':
    case 'LAST_ACK':
      return [unacknowledged(details, known), orphaned(details, known), ...userTimeout(known)];
    case 'ESTABLISHED':
    case 'CLOSE_WAIT':
      if (details.timer === 'none') return [];
      return [unacknowledged(details, known), ...userTimeout(known), ...keepalive(known)];
    case 'CLOSED':
    case 'LISTEN':
    case 'BOUND_INACTIVE':
      return [];
  }
}

function isHeld({ process, timer }: StateDetails): boolean {
  return typeof process === 'object' || timer === 'none';
}

function orphanedFinWait2({ setting, option }: Known): Span[] {
  const linger2 = option('TCP_LINGER2');
  return [
    setting('tcp_fin_timeout', 60).then((seconds) => seconds * 1000),
    ...(linger2 > 0 ? [linger2 * 1000] : []),
  ];
}

function userTimeout({ option }: Known): Span[] {
  const ms = option('TCP_USER_TIMEOUT');
  return ms > 0 ? [ms] : [];
}

function keepalive({ setting, option }: Known): Span[] {
  if (option('SO_KEEPALIVE') === 0) return [];
  const given = async (name: SocketOption, usual: string, otherwise: number) =>
    option(name) > 0 ? option(name) : setting(usual, otherwise);
  const all = Promise.all([
    given('TCP_KEEPIDLE', 'tcp_keepalive_time', 7200),
    given('TCP_KEEPINTVL', 'tcp_keepalive_intvl', 75),
    given('TCP_KEEPCNT', 'tcp_keepalive_probes', 9),
  ]);
  return [all.then(([idle, interval, count]) => (idle + interval * count) * 1000)];
}

function unacknowledged(details: StateDetails, { setting }: Known): Span {
  return resending(leastRtoMs, setting('tcp_retries2', 15), details);
}

// 0 stands for 8: tcp_orphan_retries() of the kernel.
async function orphaned(details: StateDetails, { setting }: Known): Promise<number> {
  if (isHeld(details)) return Number.POSITIVE_INFINITY;
  const retries = await setting('tcp_orphan_retries', 0);
  return resending(leastRtoMs, retries === 0 ? 8 : retries, details);
}

/** The time from the awaited retransmission until the kernel gives up, while the timeout doubles (tcp_model_timeout()). */
async function resending(
  rtoMs: number,
  retries: number | Promise<number>,
  { retransmits = 0 }: StateDetails,
): Promise<number> {
  return rtoMs * Math.max(1, 2 ** ((await retries) + 1) - 2 ** retransmits);
}

function least(values: readonly number[]): number {
  const given = values.filter((value) => value > 0);
  return given.length === 0 ? 0 : Math.min(...given);
}
