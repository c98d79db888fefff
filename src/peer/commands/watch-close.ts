import * as v from 'valibot';
import type { Endpoint } from '../../address.ts';
import type { Measured } from '../../measured.ts';
import { SockDiag } from '../../native/sock-diag.ts';
import { method } from '../../rpc/method.ts';
import { numberOfState } from '../../state.ts';
import { sleep } from '../../time.ts';
import { count, pair } from '../schemas.ts';

const pauseMs = 2;
const established = numberOfState('ESTABLISHED');

/** The socket of a pair at one look: open; closed, but close(2) has not returned; or left to the kernel, or gone. */
interface Look {
  readonly stage: 'open' | 'closing' | 'left';
  readonly askedMs: number;
  readonly seenMs: number;
}

let watching: Promise<Measured> | undefined;

/** Begins to poll a pair; replies after the first look. `closeWatched` returns the result. */
export const watchClose = method({
  params: v.object({ ...pair, timeoutMs: count }),
  run({ local, remote, timeoutMs }) {
    const diag = new SockDiag();
    const first = look(diag, local, remote);
    watching = watch(first, () => look(diag, local, remote), timeoutMs).finally(() => diag.close());
    // It may fail before anything awaits it.
    watching.catch(() => {});
  },
});

/** How long the socket of the pair was closed but still held, which is how long close(2) waited. */
export const closeWatched = method({
  run() {
    if (watching === undefined) throw new TypeError('no close is watched');
    return watching;
  },
});

async function watch(first: Look, next: () => Look, timeoutMs: number): Promise<Measured> {
  const looks = [first];
  for (let last = first; last.stage !== 'left'; ) {
    if (last.askedMs - first.askedMs > timeoutMs) throw new Error('the socket was not left in time');
    await sleep(pauseMs);
    last = next();
    looks.push(last);
  }
  return closingTime(looks);
}

/** The time from the looks between which it began and ended. The kernel keeps a closed but held socket in the table, with its inode. */
function closingTime(looks: readonly Look[]): Measured {
  const open = looks.findLast(({ stage }) => stage === 'open');
  const closing = looks.filter(({ stage }) => stage === 'closing');
  const left = looks.at(-1);
  if (open === undefined || left === undefined)
    throw new Error('the socket was closed before it was looked at');
  const leastMs = Math.max(0, (closing.at(-1)?.askedMs ?? 0) - (closing[0]?.seenMs ?? 0));
  return { leastMs, mostMs: left.seenMs - open.askedMs };
}

function look(diag: SockDiag, local: Endpoint, remote: Endpoint): Look {
  const askedMs = performance.now();
  const found = diag.find(local, remote);
  const seenMs = performance.now();
  const stage =
    found === undefined || found.inode === 0 ? 'left' : found.state === established ? 'open' : 'closing';
  return { stage, askedMs, seenMs };
}
