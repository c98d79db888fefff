import { type Remains, remainsNames } from '../peer/matrix/remains.ts';

/** The options that a socket has set before bind. */
export const optionNames = ['none', 'addr', 'port', 'both'] as const;
export type OptionName = (typeof optionNames)[number];

export const optionsOf: Readonly<
  Record<OptionName, { reuseAddress: 'on' | 'off'; reusePort: 'on' | 'off' }>
> = {
  none: { reuseAddress: 'off', reusePort: 'off' },
  addr: { reuseAddress: 'on', reusePort: 'off' },
  port: { reuseAddress: 'off', reusePort: 'on' },
  both: { reuseAddress: 'on', reusePort: 'on' },
};

/** Where the old socket was bound, where the new one will be bound, and the address that the client connected to. */
export interface Addresses {
  readonly name: string;
  readonly old: string;
  readonly new: string;
  readonly peer: string;
  readonly oldV6Only: boolean;
  readonly newV6Only: boolean;
}

function addresses(name: string, [old, to, peer]: readonly [string, string, string], v6Only = ''): Addresses {
  return { name, old, new: to, peer, oldV6Only: v6Only === 'old', newV6Only: v6Only === 'new' };
}

const here = '127.0.0.1';
const there = '127.0.0.2';

export const addressCases: readonly Addresses[] = [
  addresses('same', [here, here, here]),
  addresses('wildcard over specific', [here, '0.0.0.0', here]),
  addresses('specific over wildcard', ['0.0.0.0', here, here]),
  addresses('two specific', [here, there, here]),
  addresses('dual-stack over IPv4', [here, '::', here]),
  addresses('IPv4 over dual-stack', ['::', here, here]),
  addresses('IPv6 only over IPv4', [here, '::', here], 'new'),
  addresses('IPv4 over IPv6 only', ['::', '0.0.0.0', '::1'], 'old'),
  addresses('IPv4 over ::1 of dual-stack', ['::', '0.0.0.0', '::1']),
];

export function needsIPv6({ old, new: to, peer }: Addresses): boolean {
  return [old, to, peer].some((address) => address.includes(':'));
}

/** One cell of the table, as measured: the results of bind(2) and listen(2), `ok` or errno; null if listen was not reached. */
export interface Cell {
  readonly remains: Remains;
  readonly old: OptionName;
  readonly new: OptionName;
  readonly addresses: Addresses;
  /** What the kernel's table showed just before the bind. */
  readonly observedState: string;
  readonly bind: string;
  readonly listen: string | null;
}

/** The cells over one leftover; each `new` is tried over it. */
export interface CellGroup {
  readonly remains: Remains;
  readonly old: OptionName;
  readonly addresses: Addresses;
}

export function cellGroups(cases: readonly Addresses[]): CellGroup[] {
  return cases.flatMap((addresses) =>
    remainsNames.flatMap((remains) => optionNames.map((old) => ({ remains, old, addresses }))),
  );
}

export { type Remains, remainsNames };
