import { attempt } from '../../native/call.ts';
import {
  acceptNow,
  bindSocket,
  connectNow,
  isIPv6Socket,
  listenOn,
  localEndpoint,
  sendNow,
  shutdownSocket,
} from '../../native/socket.ts';
import type { Pair, Place } from './place.ts';
import type { Remains } from './remains.ts';

/** Creates the leftover on a port. Returns its pair, if it is a connection. */
export const prepare: Readonly<Record<Remains, (place: Place) => Pair | undefined>> = {
  nothing: () => undefined,
  LISTEN: (place) => void place.listen(),
  bound: (place) => void place.openOld(),
  ESTABLISHED: connection(() => {}),
  CLOSE_WAIT: connection((_, __, client) => shutdownSocket(client, 'write')),
  FIN_WAIT1: connection((_, accepted) => {
    fill(accepted);
    shutdownSocket(accepted, 'write');
  }),
  'FIN_WAIT2 held': connection((_, accepted) => shutdownSocket(accepted, 'write')),
  'FIN_WAIT2 orphaned': connection((place, accepted) => place.release(accepted)),
  CLOSING: connection((_, accepted, client) => {
    fill(accepted);
    shutdownSocket(accepted, 'write');
    shutdownSocket(client, 'write');
  }),
  LAST_ACK: connection((_, accepted, client) => {
    shutdownSocket(client, 'write');
    fill(accepted);
    shutdownSocket(accepted, 'write');
  }),
  TIME_WAIT: connection((place, accepted, client) => {
    place.release(accepted);
    place.release(client);
  }),
  'client ESTABLISHED': clientConnection(() => {}),
  'client TIME_WAIT': clientConnection((place, accepted, client) => {
    place.release(client);
    place.release(accepted);
  }),
};

type Bring = (place: Place, accepted: number, client: number) => void;

/** A connection that the port's listener has accepted, brought to its state; the listener is gone. */
function connection(bring: Bring): (place: Place) => Pair {
  return (place) => {
    const { peer } = place.group.addresses;
    const listener = place.listen();
    const client = place.open(peer);
    const local = { address: peer, port: place.port };
    connectNow(client, local);
    const remote = localEndpoint(client);
    const accepted = place.hold(acceptNow(listener));
    bring(place, accepted, client);
    place.release(listener);
    return { local, remote };
  };
}

/** A connection from the port, to a listener elsewhere. */
function clientConnection(bring: Bring): (place: Place) => Pair {
  return (place) => {
    const { old, peer } = place.group.addresses;
    const elsewhere = place.open(peer);
    bindSocket(elsewhere, { address: peer, port: 0 });
    listenOn(elsewhere, 1);
    const client = place.openOld();
    const { port } = localEndpoint(elsewhere);
    // An IPv6 socket reaches an IPv4 address in its v4-mapped form.
    const mapped = isIPv6Socket(old) && !isIPv6Socket(peer);
    connectNow(client, { address: mapped ? `::ffff:${peer}` : peer, port });
    const accepted = place.hold(acceptNow(elsewhere));
    const local = localEndpoint(client);
    bring(place, accepted, client);
    return { local, remote: { address: peer, port } };
  };
}

// Unread data: a few kilobytes close the window of the smallest buffers.
function fill(fd: number): void {
  const block = Buffer.alloc(4096, 'tcpclose');
  const full = attempt(() => {
    for (;;) sendNow(fd, block);
  });
  if (full !== null && full.errno !== 'EAGAIN') throw full;
}
