import { readPacketLayout } from '../../native/headers.ts';
import { type Packet, PacketSocket } from '../../native/packet-socket.ts';
import { waitForInput } from '../../native/poll.ts';
import { send } from '../channel.ts';
import type { Answers, Asked, SightingsMessage } from '../protocol.ts';
import { WatchedPairs } from './pairs.ts';

const standardInput = 0;
const mostAtOnce = 256;
/** As long after the last event questions follow one another without a pause. */
const alertMs = 20;
/** And with this one until the connections have been quiet so long; then with a longer one. */
const pauseMs = 0.05;
const quietMs = 1000;
const longPauseMs = 1;
/** Where there is nothing to ask; a packet, or a command, ends the pause. */
const noPairsPauseMs = 100;
/** Of the packets in one message, and of one packet where headers are enough. */
const mostInMessage = 16;
const headersSize = 160;

/**
 * Sees the packets of a network and asks for the states of the connections they belong to, as often as it can while something
 * happens. It has a process of its own: it takes up a core then. What it has seen it tells when it is asked, so that nobody is
 * kept busy meanwhile.
 */
export class Witness {
  readonly #socket = new PacketSocket();
  readonly #pairs: WatchedPairs | undefined;
  readonly #data: Asked<'witness'>['data'];
  readonly #packets: Packet[] = [];
  #told = 0;
  #sightings: SightingsMessage['sightings'] = [];
  #lastEventAt = 0;

  constructor({ states, data }: Asked<'witness'>) {
    this.#data = data;
    if (states === 'watched') {
      this.#pairs = new WatchedPairs();
      this.#pairs.practise();
    }
    this.#look();
  }

  testify(): Answers<'testify'> {
    while (this.#takePackets() > 0);
    this.#askPairs();
    this.#tell();
    return { dropped: this.#socket.dropped, unwatched: this.#pairs?.unwatched ?? 0 };
  }

  /** The whole packet with that number, in the order of arrival. */
  packet(number: number): Buffer {
    const packet = this.#packets[number];
    if (packet === undefined) throw new Error(`there is no packet ${number}`);
    return packet.data;
  }

  readonly #look = (): void => {
    // States first: they pass, and packets wait.
    const events = this.#askPairs() + this.#takePackets();
    const now = performance.now();
    if (events > 0) this.#lastEventAt = now;
    const pause = this.#pause(now - this.#lastEventAt);
    if (pause > 0) waitForInput([this.#socket.fd, standardInput], pause);
    setImmediate(this.#look);
  };

  #pause(quiet: number): number {
    if (this.#pairs === undefined || this.#pairs.count === 0) return noPairsPauseMs;
    if (quiet <= alertMs) return 0;
    return quiet > quietMs ? longPauseMs : pauseMs;
  }

  #takePackets(): number {
    const packets = this.#socket.take(mostAtOnce);
    for (const packet of packets) {
      const layout = readPacketLayout(packet.data);
      if (layout === undefined) continue;
      this.#packets.push(packet);
      this.#pairs?.watch(layout.from, layout.to);
    }
    return packets.length;
  }

  #askPairs(): number {
    const sightings = this.#pairs?.ask() ?? [];
    for (const sighting of sightings) this.#sightings.push(sighting);
    return sightings.length;
  }

  #tell(): void {
    for (; this.#told < this.#packets.length; this.#told += mostInMessage) {
      const packets = this.#packets.slice(this.#told, this.#told + mostInMessage);
      send({ type: 'packets', packets: packets.map(({ at, data }) => ({ at, data: this.#encode(data) })) });
    }
    this.#told = this.#packets.length;
    if (this.#sightings.length > 0) send({ type: 'sightings', sightings: this.#sightings });
    this.#sightings = [];
  }

  #encode(packet: Buffer): string {
    return packet.toString('base64', 0, this.#data === 'whole' ? packet.length : headersSize);
  }
}
