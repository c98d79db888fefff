import { keyOf, type Role } from '../observe/packets/connections.ts';
import { type Changes, describeReplay, forge } from '../observe/packets/forge.ts';
import type { RecordedConnection } from '../observe/packets/recording.ts';
import type { Segment } from '../observe/packets/segment.ts';
import { poll } from '../time.ts';
import type { Peer } from './ends/peer.ts';
import { unplug } from './hosts/two-hosts.ts';
import { NothingObserved } from './recording/too-slow.ts';
import type { RunContext } from './run-context.ts';

const captureDeadlineMs = 10_000;

/** The network of the run. Capturing or sending segments needs packets. */
export class Wire {
  readonly #run: RunContext;

  /** @internal */
  constructor(run: RunContext) {
    this.#run = run;
  }

  /**
   * The capture of the peer's only connection, once `enough` of it has arrived, or after ten seconds. If the pair of ports was connected
   * several times, this is the last connection.
   */
  async captured(
    peer: Peer,
    enough: (connection: RecordedConnection) => boolean = () => true,
  ): Promise<RecordedConnection> {
    const what = `what was captured of ${peer.name}'s connection`;
    const last = async () => (await this.incarnations(peer)).at(-1);
    const lastIfEnough = async () => {
      const connection = await last();
      return connection !== undefined && enough(connection) && connection;
    };
    const patience = { withinMs: captureDeadlineMs, everyMs: 2, signal: this.#run.signal };
    const found = await poll(what, lastIfEnough, patience);
    if (found !== undefined) return found;
    await this.#run.untilCaughtUp(what);
    const connection = await last();
    if (connection === undefined) throw new NothingObserved(what);
    return connection;
  }

  /**
   * The states that a side of the peer's only connection has passed through, oldest first, as the kernel's tracepoints report them; null
   * if they cannot be read here. The scenario must say that it records `states`.
   */
  async tracedStates(peer: Peer, side: Role): Promise<readonly string[] | null> {
    const { local, remote } = peer.connection;
    const { connections, states } = await this.#run.capture.flush();
    const last = connections.findLast(({ client, server }) => keyOf(client, server) === keyOf(local, remote));
    if (states !== 'traced' || last === undefined) return null;
    return last.transitions.filter((one) => one.side === side).map(({ to }) => to ?? 'CLOSED');
  }

  /** The captures of all connections that the peer's pair of ports has had so far, oldest first. */
  async incarnations(peer: Peer): Promise<readonly RecordedConnection[]> {
    const { local, remote } = peer.connection;
    const { connections } = await this.#run.capture.flush();
    return connections.filter(({ client, server }) => keyOf(client, server) === keyOf(local, remote));
  }

  /** Sends captured segments again, as a slow network may, unchanged or modified. */
  async replay(segments: readonly Segment[], changes: Changes = {}): Promise<void> {
    const [first] = segments;
    if (first === undefined) throw new TypeError('there is no segment to replay');
    const { capture } = this.#run;
    const replay = async () => {
      const packets = await Promise.all(segments.map(({ packet }) => capture.whole(packet)));
      const forged = packets.map((packet) => forge(packet, changes));
      await capture.inject(forged, first.to);
    };
    await this.#run.perform('the network', 'replay', describeReplay(segments, changes), replay, undefined);
  }

  /** Unplugs the cable at the server's host, and waits until the client's host has noticed. */
  async unplug(): Promise<void> {
    const { server, client } = this.#run.topology;
    if (server.host === client.host)
      throw new TypeError("a scenario that unplugs the cable must declare it: add 'two hosts' to needs");
    const pull = () => unplug(server.host, client.host);
    await this.#run.perform("the server's host", 'unplug', '', pull, undefined);
  }
}
