import { isIPv6 } from 'node:net';
import { canonicalAddress } from '../../address.ts';
import { UsageError } from '../../errors.ts';
import { harmless } from '../../foreign.ts';
import type { Host } from './host.ts';

/** connect() on a UDP socket sends nothing: the kernel looks up the route, and with it the source address. */
const question = `
const [to, family] = process.argv.slice(-2);
const socket = require('dgram').createSocket(family);
socket.connect(9, to, (error) => {
  if (error) throw error;
  console.log('from ' + socket.address().address);
  socket.close();
});
`;

/**
 * The address from which a host with peers reaches another host.
 * @throws UsageError `bad-host` if it has no route there
 */
export async function ownAddressTowards(host: Host, to: string, signal: AbortSignal): Promise<string> {
  const [node = 'node'] = host.peerStart.command;
  const asked = [node, '-e', question, to, isIPv6(to) ? 'udp6' : 'udp4'];
  const { stdout, stderr } = await host.run(asked, signal);
  const own = canonicalAddress(/^from (\S+)$/m.exec(stdout)?.[1] ?? '');
  if (own !== undefined) return own;
  const why = harmless(/^Error: (.+)$/m.exec(stderr)?.[1] ?? 'no answer');
  throw new UsageError(
    'bad-host',
    `${host.name} has no way to ${to} (${why}): give --host an address of the server that the client can reach`,
  );
}
