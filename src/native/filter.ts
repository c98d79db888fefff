/**
 * Classic BPF (socket(7), SO_ATTACH_FILTER). A TCP socket drops what its filter refuses, as if the network had lost it. The filter's
 * program reads from the TCP header on, and outlives close() and the process. Attaching one requires CAP_NET_ADMIN over the namespace. A
 * packet socket does not see what its filter refuses.
 */
import { addressOf } from './koffi.ts';
import { SOL_SOCKET } from './libc.ts';
import { setRawOption } from './options.ts';

const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;

// Operations of <linux/bpf_common.h>.
const LOAD_BYTE = 0x30;
const LOAD_LENGTH = 0x80;
export const LOAD_WORD = 0x20;
const AND = 0x54;
const SHIFT_RIGHT = 0x74;
const TO_INDEX = 0x07;
const SUBTRACT_INDEX = 0x1c;
export const JUMP_IF_EQUAL = 0x15;
export const RETURN = 0x06;

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
const flagsAt = 13;
const dataOffsetAt = 12;
const all = 0xffff_ffff;

// Facts about a packet besides its bytes (<linux/filter.h>, SKF_AD_*), and their values.
const packetType = 0xffff_f000 + 4;
const interfaceType = 0xffff_f000 + 28;
const PACKET_OUTGOING = 4;
const ARPHRD_LOOPBACK = 772;

export type Instruction = readonly [operation: number, ifTrue: number, ifFalse: number, value: number];

/** What a deaf socket drops. */
const programs = {
  everything: [[RETURN, 0, 0, 0]],
  FINs: [
    [LOAD_BYTE, 0, 0, flagsAt],
    [AND, 0, 0, FIN],
    [JUMP_IF_EQUAL, 0, 1, FIN],
    [RETURN, 0, 0, 0],
    [RETURN, 0, 0, all],
  ],
  // ACK without FIN, SYN and RST, and without data: nothing follows the header.
  'bare ACKs': [
    [LOAD_BYTE, 0, 0, flagsAt],
    [AND, 0, 0, FIN | SYN | RST | ACK],
    [JUMP_IF_EQUAL, 0, 8, ACK],
    [LOAD_BYTE, 0, 0, dataOffsetAt],
    [SHIFT_RIGHT, 0, 0, 2],
    [AND, 0, 0, 0x3c],
    [TO_INDEX, 0, 0, 0],
    [LOAD_LENGTH, 0, 0, 0],
    [SUBTRACT_INDEX, 0, 0, 0],
    [JUMP_IF_EQUAL, 0, 1, 0],
    [RETURN, 0, 0, 0],
    [RETURN, 0, 0, all],
  ],
} as const satisfies Record<string, readonly Instruction[]>;

export type Deafness = keyof typeof programs;
export const deafnesses = Object.keys(programs) as Deafness[];

/** On loopback, a packet socket sees every packet twice: when it leaves and when it arrives. This drops the first copy. */
const onceOnLoopback: readonly Instruction[] = [
  [LOAD_WORD, 0, 0, packetType],
  [JUMP_IF_EQUAL, 0, 3, PACKET_OUTGOING],
  [LOAD_WORD, 0, 0, interfaceType],
  [JUMP_IF_EQUAL, 0, 1, ARPHRD_LOOPBACK],
  [RETURN, 0, 0, 0],
  [RETURN, 0, 0, all],
];

/** @throws SystemCallError EPERM without CAP_NET_ADMIN */
export function attachFilter(fd: number, deafTo: Deafness): void {
  attach(fd, programs[deafTo]);
}

/** @throws SystemCallError */
export function seeOnceOnLoopback(packetSocket: number): void {
  attach(packetSocket, onceOnLoopback);
}

function attach(fd: number, instructions: readonly Instruction[]): void {
  setRawOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, filterProgram(instructions));
}

export function detachFilter(fd: number): void {
  setRawOption(fd, SOL_SOCKET, SO_DETACH_FILTER, Buffer.alloc(4));
}

/** struct sock_fprog: the number of instructions, and their address, which follows in the same memory. */
export function filterProgram(instructions: readonly Instruction[]): Buffer {
  const memory = Buffer.alloc(programSize + instructions.length * instructionSize);
  memory.writeUInt16LE(instructions.length, 0);
  memory.writeBigUInt64LE(addressOf(memory) + BigInt(programSize), 8);
  // struct sock_filter.
  instructions.forEach(([operation, ifTrue, ifFalse, value], i) => {
    const at = programSize + i * instructionSize;
    memory.writeUInt16LE(operation, at);
    memory[at + 2] = ifTrue;
    memory[at + 3] = ifFalse;
    memory.writeUInt32LE(value, at + 4);
  });
  return memory.subarray(0, programSize);
}

const programSize = 16;
const instructionSize = 8;
