/** The file format of tcpdump and Wireshark: pcap (https://www.tcpdump.org/manpages/pcap-savefile.5.html). */

const magic = 0xa1b2_c3d4;
/** LINKTYPE_RAW: packets begin with their IP header. */
const LINKTYPE_RAW = 101;
const snapshotLength = 262_144;

/** A packet with its time in milliseconds since 1970. */
interface StampedPacket {
  readonly epochMs: number;
  readonly packet: Buffer;
}

export function encodePcap(packets: readonly StampedPacket[]): Buffer {
  return Buffer.concat([fileHeader(), ...packets.flatMap((packet) => [recordHeader(packet), packet.packet])]);
}

function fileHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(magic, 0);
  // Version 2.4.
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(snapshotLength, 16);
  header.writeUInt32LE(LINKTYPE_RAW, 20);
  return header;
}

function recordHeader({ epochMs, packet }: StampedPacket): Buffer {
  const header = Buffer.alloc(16);
  const microseconds = Math.round(epochMs * 1000);
  header.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
  header.writeUInt32LE(microseconds % 1e6, 4);
  header.writeUInt32LE(packet.length, 8);
  header.writeUInt32LE(Math.max(packet.length, lengthOf(packet)), 12);
  return header;
}

/** The length according to its IP header: perhaps only its headers were captured. */
function lengthOf(packet: Buffer): number {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4 && packet.length >= 20) return packet.readUInt16BE(2);
  return version === 6 && packet.length >= 40 ? 40 + packet.readUInt16BE(4) : packet.length;
}
