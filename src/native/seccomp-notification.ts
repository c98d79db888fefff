/** The supervisor's side of seccomp_unotify(2): receiving the calls that wait, and continuing them. */
import { SystemCallError } from './errno.ts';
import { libc } from './libc.ts';
import { callOfNumber, type WatchableCall } from './seccomp.ts';

// _IOC() of asm-generic: the direction, the size of the structure, '!' and a number.
const SECCOMP_IOCTL_NOTIF_RECV = 0xc050_2100;
const SECCOMP_IOCTL_NOTIF_SEND = 0xc018_2101;
const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x4008_2102;
const SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x4008_2104;
const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;

// struct seccomp_notif, with a struct seccomp_data at 16, and struct seccomp_notif_resp.
const notificationSize = 80;
const pidAt = 8;
const numberAt = 16;
const argumentsAt = 32;
const responseSize = 24;
const flagsAt = 20;

/**
 * Makes a call wake the supervisor on the caller's core, which the caller is about to leave (Linux 6.6). It shortens the wait on a
 * busy machine; without it a call only takes longer.
 */
export function wakeAtOnce(fd: number): void {
  libc.ioctlNumber.unchecked(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

/** A call that waits. */
export interface Notification {
  readonly id: bigint;
  /** The id of the calling thread in our pid namespace. */
  readonly thread: number;
  readonly call: WatchableCall;
  readonly arguments: readonly [bigint, bigint, bigint];
}

/** The next call that waits; undefined if no call waits, or if the announced one was cancelled. */
export function receiveNotification(fd: number): Notification | undefined {
  // The kernel requires the structure to be zeroed.
  const bytes = Buffer.alloc(notificationSize);
  try {
    libc.ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, bytes);
  } catch (error) {
    if (error instanceof SystemCallError && (error.errno === 'ENOENT' || error.errno === 'EINTR'))
      return undefined;
    throw error;
  }
  const call = callOfNumber(bytes.readInt32LE(numberAt));
  if (call === undefined) throw new RangeError('a call that is not watched was announced');
  const argument = (i: number) => bytes.readBigUInt64LE(argumentsAt + i * 8);
  return {
    id: bytes.readBigUInt64LE(0),
    thread: bytes.readInt32LE(pidAt),
    call,
    arguments: [argument(0), argument(1), argument(2)],
  };
}

/** Whether the call still waits. Otherwise its thread has ended, and the thread's number may have been reused. */
export function stillWaits(fd: number, { id }: Notification): boolean {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(id);
  return libc.ioctl.unchecked(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, bytes) === 0;
}

/** Makes the kernel execute the call as if it were not watched; `gone` if it no longer waits. @throws SystemCallError */
export function letGo(fd: number, { id }: Notification): 'let go' | 'gone' {
  const response = Buffer.alloc(responseSize);
  response.writeBigUInt64LE(id, 0);
  response.writeUInt32LE(SECCOMP_USER_NOTIF_FLAG_CONTINUE, flagsAt);
  try {
    libc.ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, response);
    return 'let go';
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === 'ENOENT') return 'gone';
    throw error;
  }
}
