/** The newer file format of Wireshark, in which a packet carries a comment: pcapng (draft-ietf-opsawg-pcapng). */

const SECTION_HEADER = 0x0a0d_0d0a;
const byteOrderMagic = 0x1a2b_3c4d;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
/** LINKTYPE_RAW: packets begin with their IP header. */
const LINKTYPE_RAW = 101;
const OPT_COMMENT = 1;
const OPT_END = 0;
const SHB_USERAPPL = 4;
const snapshotLength = 262_144;

/** A packet with its time in milliseconds since 1970, and its comment, which may be empty. */
interface CommentedPacket {
  readonly epochMs: number;
  readonly packet: Buffer;
  readonly comment: string;
}

export function encodePcapng(packets: readonly CommentedPacket[], application: string): Buffer {
  return Buffer.concat([sectionHeader(application), interfaceBlock(), ...packets.map(packetBlock)]);
}

function sectionHeader(application: string): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(byteOrderMagic, 0);
  body.writeUInt16LE(1, 4);
  // The length of the section is unknown.
  body.fill(0xff, 8);
  return block(SECTION_HEADER, body, options([[SHB_USERAPPL, application]]));
}

/** Its times are in microseconds, the default unit. */
function interfaceBlock(): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(LINKTYPE_RAW, 0);
  body.writeUInt32LE(snapshotLength, 4);
  return block(INTERFACE, body);
}

function packetBlock({ epochMs, packet, comment }: CommentedPacket): Buffer {
  const body = Buffer.alloc(20);
  const microseconds = BigInt(Math.round(epochMs * 1000));
  body.writeUInt32LE(Number(microseconds >> 32n), 4);
  body.writeUInt32LE(Number(microseconds & 0xffff_ffffn), 8);
  body.writeUInt32LE(packet.length, 12);
  body.writeUInt32LE(packet.length, 16);
  return block(
    ENHANCED_PACKET,
    Buffer.concat([body, padded(packet)]),
    options(comment === '' ? [] : [[OPT_COMMENT, comment]]),
  );
}

function block(type: number, ...parts: readonly Buffer[]): Buffer {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const [head, tail] = [Buffer.alloc(8), Buffer.alloc(4)];
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, ...parts, tail]);
}

/** The length of an option has 16 bits. */
const longestOption = 60_000;

function options(given: readonly (readonly [code: number, text: string])[]): Buffer {
  if (given.length === 0) return Buffer.alloc(0);
  const all = [
    ...given.map(([code, text]) => [code, Buffer.from(text).subarray(0, longestOption)] as const),
    [OPT_END, Buffer.alloc(0)] as const,
  ];
  return Buffer.concat(
    all.flatMap(([code, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(code, 0);
      head.writeUInt16LE(value.length, 2);
      return [head, padded(value)];
    }),
  );
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
