import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { type Connection, connectionsOf } from '../src/observe/packets/connections.ts';
import { decodeSegment, type Segment } from '../src/observe/packets/segment.ts';
import { within } from '../src/time.ts';

/** A capture of one port of this machine by tcpdump. */
export interface Wire {
  /** Ends it. */
  connections(): Promise<readonly Connection[]>;
}

/** Needs root. Rejects if tcpdump does not begin. */
export async function capture(port: number, file: string): Promise<Wire> {
  const args = ['-i', 'lo', '-n', '-s', '600', '-B', '8192', '-w', file, `tcp port ${port}`];
  const child = spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  const begun = new Promise<void>((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (data) => {
      text += data;
      if (text.includes('listening on')) resolve();
    });
    child.once('error', reject).once('close', () => reject(new Error(`tcpdump: ${text.trim()}`)));
  });
  await within(20_000, begun, () => new Error('tcpdump does not begin'));
  return {
    async connections() {
      child.kill('SIGINT');
      await ended;
      const segments = [...segmentsIn(readFileSync(file))];
      rmSync(file);
      return connectionsOf(segments);
    },
  };
}

const fileHeader = 24;
const packetHeader = 16;
const ethernetHeader = 14;

/** libpcap's format: seconds and microseconds, and the packet. */
function* segmentsIn(bytes: Buffer): Generator<Segment> {
  for (let at = fileHeader; at + packetHeader <= bytes.length; ) {
    const ms = bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000;
    const size = bytes.readUInt32LE(at + 8);
    const packet = bytes.subarray(at + packetHeader + ethernetHeader, at + packetHeader + size);
    const segment = decodeSegment(packet, ms);
    if (segment !== undefined) yield segment;
    at += packetHeader + size;
  }
}
