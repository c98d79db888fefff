import fc from 'fast-check';
import { canonicalAddress, type Endpoint } from '../../src/address.ts';
import { type Harmless, harmless } from '../../src/foreign.ts';
import type { Row, Timer } from '../../src/observe/row.ts';
import { states } from '../../src/state.ts';

/** States that every observer has a word for. */
export const commonStates = states.filter((state) => !['NEW_SYN_RECV', 'BOUND_INACTIVE'].includes(state));

const port = fc.integer({ min: 0, max: 65_535 });
const ipv4 = fc.ipV4().map((address) => ({ family: 'IPv4' as const, address }));
// Also the IPv4 addresses that a dual-stack socket carries.
const ipv6 = fc
  .oneof(fc.ipV6(), fc.ipV4(), fc.constant('::'))
  .map((text) => ({ family: 'IPv6' as const, address: canonicalAddress(text) ?? '::' }));

function ends(address: fc.Arbitrary<{ family: Row['family']; address: string }>) {
  return fc.tuple(address, port, address, port).map(([local, localPort, remote, remotePort]) => ({
    family: local.family,
    local: { address: local.address, port: localPort } satisfies Endpoint,
    remote: { address: remote.address, port: remotePort } satisfies Endpoint,
  }));
}

const queue = fc.integer({ min: 0, max: 2 ** 31 });

/** Rows without timer and processes, about which every observer has its own words. */
const bareRow = fc
  .record({
    ends: fc.oneof(ends(ipv4), ends(ipv6)),
    state: fc.constantFrom(...commonStates),
    receiveQueue: queue,
    sendQueue: queue,
    uid: fc.nat(100_000),
    inode: fc.nat(2 ** 31),
  })
  .map(({ ends, sendQueue, ...rest }) => ({
    ...ends,
    ...rest,
    sendQueue: rest.state === 'LISTEN' ? 0 : sendQueue,
  }));

export function rows(
  timer: fc.Arbitrary<Timer>,
  processes: fc.Arbitrary<Row['processes']>,
): fc.Arbitrary<Row> {
  return fc
    .tuple(bareRow, fc.option(timer, { nil: null }), processes)
    .map(([row, timer, processes]) => ({ ...row, timer, processes, cookie: null, open: null }));
}

/** Holders once each, in the order of their pids. */
export function holders(name: fc.Arbitrary<Harmless>, most: number): fc.Arbitrary<Row['processes']> {
  return fc
    .uniqueArray(fc.record({ pid: fc.integer({ min: 1, max: 4_194_304 }), name }), {
      maxLength: most,
      selector: ({ pid }) => pid,
    })
    .map((found) => found.sort((a, b) => a.pid - b.pid));
}

/** What a process may call itself: 15 characters at the most, of any kind but a line's end. */
export const comm = fc.string({ maxLength: 15, unit: 'grapheme-ascii' }).map(harmless);
