import * as v from 'valibot';
import { raiseInterface } from '../../native/interface.ts';
import { sendPackets } from '../../native/raw-socket.ts';
import { withSockDiag } from '../../native/sock-diag.ts';
import { method } from '../../rpc/method.ts';
import { endpoint, pair } from '../schemas.ts';

/** Brings loopback up, in a new network. */
export const raiseLoopback = method({ run: () => raiseInterface('lo') });

/** Sends IP packets unchanged, each in Base64, towards an address. */
export const inject = method({
  params: v.object({ to: endpoint, packets: v.array(v.string()) }),
  run({ to, packets }) {
    const decoded = packets.map((packet) => Buffer.from(packet, 'base64'));
    sendPackets(decoded, to);
  },
});

/** Makes the kernel destroy the socket with this pair, whichever process owns it. */
export const destroySocket = method({
  params: v.object(pair),
  run: ({ local, remote }) =>
    withSockDiag((diag) => {
      const found = diag.find(local, remote);
      if (found !== undefined) diag.destroy(found);
      return { destroyed: found !== undefined };
    }),
});
