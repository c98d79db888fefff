import type { Place } from '../place.ts';
import { readSysctl } from '../sysctl.ts';
import { type Redirect, redirectsOfConntrack, redirectsOfIptables, redirectsOfNft } from './rules.ts';

export interface Redirects {
  readonly redirects: readonly Redirect[];
  /** Whether all that may redirect could be read: only root may. */
  readonly seen: 'all' | 'nothing';
}

/**
 * What takes connections to a port away by NAT: the rules, and the connections that the kernel tracks (conntrack), which show a redirect
 * even if no tool can list its rule. NAT needs conntrack, so where that is not loaded there is none.
 */
export async function findRedirects(place: Place, port: number, signal?: AbortSignal): Promise<Redirects> {
  if ((await readSysctl(place, 'net.netfilter.nf_conntrack_count', signal)) === null)
    return { redirects: [], seen: 'all' };
  const [tables, connections] = await Promise.all([
    printed(place, ['nft', '-j', 'list', 'ruleset'], signal),
    place.read('/proc/net/nf_conntrack', signal),
  ]);
  const nft = redirectsOfNft(tables ?? '', port);
  // Rules of iptables may be in its own tables, and nft shows its extensions without their numbers.
  const others = nft.length > 0 ? [] : await redirectsByIptables(place, port, signal);
  const rules = [...nft, ...others.flat()];
  const tracked = redirectsOfConntrack(connections ?? '', port);
  return {
    redirects: [...rules, ...tracked.filter(({ to }) => !rules.some((rule) => rule.to === to))],
    seen: tables === null && connections === null ? 'nothing' : 'all',
  };
}

function redirectsByIptables(place: Place, port: number, signal?: AbortSignal): Promise<Redirect[][]> {
  return Promise.all(
    ['iptables', 'ip6tables'].map(async (program) => {
      const text = await printed(place, [`${program}-save`, '-t', 'nat'], signal);
      return redirectsOfIptables(text ?? '', port, program);
    }),
  );
}

/** null if it is not installed, or refuses. */
async function printed(
  place: Place,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    const { stdout, exitCode } = await place.run(command, signal);
    return exitCode === 0 ? stdout : null;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error) return null;
    throw error;
  }
}
