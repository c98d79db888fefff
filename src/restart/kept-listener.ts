import { poll } from '../time.ts';
import { acceptanceOf } from './acceptance.ts';
import { Client } from './client.ts';
import type { RoundContext } from './context.ts';
import type { Run } from './run.ts';
import type { Target } from './target.ts';

const pollMs = 5;

/** How a program adopts the listener of LISTEN_FDS. */
export const takeIt =
  'take descriptor 3 if LISTEN_PID is its own pid (Node: server.listen({ fd: 3 }); Python: socket.socket(fileno=3); uvicorn: --fd 3; Go: net.FileListener(os.NewFile(3, "listener")); gunicorn takes it by itself), or leave out --listen-fds';

/** A passed listener exists before the server: waits until the server accepts a client from it, or ends, or the time is up. */
export async function untilTaken(
  context: RoundContext,
  target: Target,
  run: Run,
  withinMs: number,
): Promise<void> {
  const client = await Client.connect(target);
  const isOver = () =>
    run.ending() !== undefined || acceptanceOf(context, target, client).state !== 'waiting';
  try {
    const patience = { withinMs, everyMs: pollMs, signal: context.signal };
    await poll('the server to take its listener', isOver, patience);
  } finally {
    client.reset();
  }
}
