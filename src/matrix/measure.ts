import { availableParallelism } from 'node:os';
import { TcpcloseError } from '../errors.ts';
import { type Host, thisMachine } from '../lab/hosts/host.ts';
import { NoNamespace, openNamespace } from '../lab/hosts/namespace.ts';
import { serverPorts } from '../lab/hosts/ports.ts';
import { PeerProcess } from '../lab/process/peer-process.ts';
import { Teardown } from '../lab/teardown.ts';
import type { Result } from '../peer/methods.ts';
import { unlessAborted } from '../time.ts';
import { type Cell, type CellGroup, optionNames, optionsOf } from './cells.ts';

// As many at once as the limit of descriptors allows: each group holds up to four.
const batchSize = 60;
const portsPerGroup = 4;

/**
 * Measures all groups in parallel on all cores, in a private network if one can be created.
 * @throws TcpcloseError `unreached` if the kernel did not reach the state of a cell
 */
export async function measureMatrix(
  groups: readonly CellGroup[],
  signal: AbortSignal,
  tell: (measured: Progress) => void,
): Promise<Cell[]> {
  const teardown = new Teardown();
  try {
    return await unlessAborted(signal, measureIn(await place(teardown), groups, teardown, tell));
  } finally {
    await teardown.run();
  }
}

async function place(teardown: Teardown): Promise<Host> {
  try {
    return await openNamespace('a namespace', teardown);
  } catch (error) {
    if (error instanceof NoNamespace) return thisMachine;
    throw error;
  }
}

interface Progress {
  readonly cells: number;
  readonly of: number;
}

async function measureIn(
  host: Host,
  groups: readonly CellGroup[],
  teardown: Teardown,
  tell: (measured: Progress) => void,
): Promise<Cell[]> {
  const batches = chunks(groups, batchSize);
  const ports = serverPorts(groups.length * portsPerGroup);
  const measured = new Map<number, Cell[]>();
  const waiting = batches.map((batch, i) => ({ batch, i }));
  const worker = async () => {
    const peer = new PeerProcess(host);
    teardown.add(async () => void (await peer.end()));
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const share = ports.slice(next.i * batchSize * portsPerGroup, (next.i + 1) * batchSize * portsPerGroup);
      measured.set(next.i, await measureBatch(peer, next.batch, share));
      const cells = [...measured.values()].reduce((sum, batch) => sum + batch.length, 0);
      tell({ cells, of: groups.length * optionNames.length });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return batches.flatMap((_, i) => measured.get(i) ?? []);
}

/** Measures a batch; groups that did not reach their state are measured a second time, on other ports. */
export async function measureBatch(
  peer: Pick<PeerProcess, 'call'>,
  batch: readonly CellGroup[],
  ports: readonly number[],
): Promise<Cell[]> {
  const first = await ask(peer, batch, ports);
  // A busy machine may lose a segment at the wrong moment. A kernel that really differs does so again.
  const missed = batch.filter((group, i) => !isReached(group, first[i]));
  if (missed.length === 0) return cellsOf(batch, first);
  const again = await ask(peer, missed, ports);
  return cellsOf(
    batch,
    batch.map((group, i) => again[missed.indexOf(group)] ?? first[i] ?? []),
  );
}

type Answers = Result<'bindCells'>['groups'];

async function ask(
  peer: Pick<PeerProcess, 'call'>,
  batch: readonly CellGroup[],
  ports: readonly number[],
): Promise<Answers> {
  const news = optionNames.map((name) => optionsOf[name]);
  const asked = batch.map(({ remains, old, addresses }) => {
    const { name: _, ...ends } = addresses;
    return { remains, old: optionsOf[old], addresses: ends };
  });
  const { groups } = await peer.call('bindCells', { groups: asked, news, ports: [...ports] });
  return groups;
}

function isReached({ remains }: CellGroup, answers: Answers[number] = []): boolean {
  return optionNames.every((_, j) => answers[j]?.state === remains);
}

/** @throws TcpcloseError `unreached` if one was measured in a state other than its own */
export function cellsOf(batch: readonly CellGroup[], answers: Answers): Cell[] {
  return batch.flatMap((group, i) =>
    optionNames.map((name, j) => {
      const { state = 'nothing', bind = 'unknown', listen = null } = answers[i]?.[j] ?? {};
      if (state !== group.remains) throw unreached(group, state);
      return { ...group, new: name, observedState: state, bind, listen };
    }),
  );
}

function unreached({ remains, old, addresses }: CellGroup, state: string): TcpcloseError {
  return new TcpcloseError(
    'unreached',
    `the port should hold ${remains} (old socket: ${old}, ${addresses.name}), but holds ${state}, twice: run it again on a machine with less load`,
  );
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
