import { type PacketLayout, readPacketLayout } from '../../native/headers.ts';
import { type Packet, PacketSocket } from '../../native/packet-socket.ts';
import { waitForInput } from '../../native/poll.ts';
import { send } from '../channel.ts';
import type { PacketsMessage, SightingsMessage } from '../protocol.ts';
import { WatchedPairs } from './pairs.ts';

const standardInput = 0;
const mostAtOnce = 256;
const mostInMessage = 16;
/** What has been seen is told at least so often while there is more to see. */
const tellEveryMs = 10;
/** As long after the last event questions follow one another without a pause. */
const alertMs = 20;
/** And with this one until the connections have been quiet so long; then with a longer one. */
const pauseMs = 0.05;
const quietMs = 1000;
const longPauseMs = 1;
/** Without a connection there is nothing to ask; a packet ends the pause. */
const noPairsPauseMs = 100;

/**
 * Sees the packets of a network and asks for the states of the connections they belong to, as often as it can while something
 * happens. It has a process of its own: it takes up a core then.
 */
export class Witness {
  readonly #socket = new PacketSocket();
  readonly #pairs = new WatchedPairs();
  readonly #packets: PacketsMessage['packets'] = [];
  #sightings: SightingsMessage['sightings'] = [];
  #lastEventAt = 0;
  #toldAt = 0;

  constructor() {
    this.#pairs.practise();
    this.#look();
  }

  testify(): { dropped: number; unwatched: number } {
    while (this.#takePackets() > 0);
    this.#askPairs();
    this.#tell();
    return { dropped: this.#socket.dropped, unwatched: this.#pairs.unwatched };
  }

  readonly #look = (): void => {
    // States first: they pass, and packets wait.
    const events = this.#askPairs() + this.#takePackets();
    const now = performance.now();
    if (events > 0) this.#lastEventAt = now;
    const quiet = now - this.#lastEventAt;
    if (quiet > alertMs || now - this.#toldAt > tellEveryMs) this.#tell();
    if (quiet > alertMs) waitForInput([this.#socket.fd, standardInput], this.#pause(quiet));
    setImmediate(this.#look);
  };

  #pause(quiet: number): number {
    if (this.#pairs.count === 0) return noPairsPauseMs;
    return quiet > quietMs ? longPauseMs : pauseMs;
  }

  #takePackets(): number {
    const packets = this.#socket.take(mostAtOnce);
    for (const packet of packets) this.#takePacket(packet);
    return packets.length;
  }

  #takePacket({ at, data }: Packet): void {
    const layout: PacketLayout | undefined = readPacketLayout(data);
    if (layout === undefined) return;
    this.#packets.push({ at, data: data.toString('base64') });
    this.#pairs.watch(layout.from, layout.to);
  }

  #askPairs(): number {
    const sightings = this.#pairs.ask();
    this.#sightings.push(...sightings);
    return sightings.length;
  }

  #tell(): void {
    this.#toldAt = performance.now();
    while (this.#packets.length > 0)
      send({ type: 'packets', packets: this.#packets.splice(0, mostInMessage) });
    if (this.#sightings.length > 0) send({ type: 'sightings', sightings: this.#sightings });
    this.#sightings = [];
  }
}
