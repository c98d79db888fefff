import { sockDiag } from '../observe/sock-diag/observer.ts';
import type { BindResults } from './bind-probe.ts';
import type { Holder } from './diagnosis.ts';

/** What could not be seen from here, and how to see it. */
export interface Unseen {
  readonly what: string;
  readonly how: string;
  /** Whether root would see it. */
  readonly asRoot: 'yes' | 'no';
}

export function unseenIn(
  holders: readonly Holder[],
  { way, refused }: { readonly way: string; readonly refused: number | undefined },
  bind: BindResults,
): Unseen[] {
  const unseen: Unseen[] = [];
  const hidden = holders.filter(({ owner }) => owner === 'unseen');
  if (hidden.length > 0) {
    const count = hidden.reduce((total, holder) => total + holder.count, 0);
    const users = [...new Set(hidden.map(({ user }) => user).filter((user) => user !== null))];
    const whose = users.length === 0 ? '' : ` of user ${users.join(', ')}`;
    const what = `the process that has ${count === 1 ? 'the socket' : `${count} of the sockets`}${whose}`;
    unseen.push(
      refused === 0
        ? {
            what,
            how: 'run it outside this container; it may be a kernel service such as NFS, or a connection of MPTCP ("ss -M")',
            asRoot: 'no',
          }
        : { what, how: 'run tcpclose as root', asRoot: 'yes' },
    );
  }
  const options = holders.find(({ owner, optionsUnknown }) => owner === 'process' && optionsUnknown !== null);
  if (options !== undefined) {
    unseen.push({
      what: `SO_REUSEADDR of a socket (${options.optionsUnknown})`,
      how: way === sockDiag.label ? 'run tcpclose as root' : 'run tcpclose there, as root',
      asRoot: way === sockDiag.label ? 'yes' : 'no',
    });
  }
  if (way !== sockDiag.label && holders.length === 0) {
    const what = `a socket that is bound and does not listen (${way} does not show it)`;
    unseen.push({ what, how: 'run tcpclose there, on Linux 6.8 or later', asRoot: 'no' });
  }
  if (bind.withoutReuseAddress === null) {
    unseen.push({
      what: 'whether a bind succeeds',
      how: 'install perl or python3 there, or run tcpclose there',
      asRoot: 'no',
    });
  }
  return unseen;
}
