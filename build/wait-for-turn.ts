import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Resolves when no other process has the name. This one then has it until it ends, however it ends: the kernel removes an abstract socket with its process. */
export async function waitForTurn(name: string): Promise<void> {
  const path = `\0tcpclose/${createHash('sha256').update(name).digest('hex')}`;
  while ((await tryListening(path)) === 'taken') await holderGone(path);
}

async function tryListening(path: string): Promise<'ours' | 'taken'> {
  const lock = createServer((waiting) => waiting.on('error', () => {}).unref());
  try {
    await once(lock.listen(path), 'listening');
    lock.unref();
    return 'ours';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return 'taken';
    throw error;
  }
}

async function holderGone(path: string): Promise<void> {
  const socket = connect(path).resume();
  // Refused and reset alike: the holder has ended.
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
}
