import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverPorts } from '../../src/lab/hosts/ports.ts';
import { accountOf } from '../account.ts';
import { circumstances } from '../machine.ts';
import { restart } from '../tcpclose.ts';
import { capture } from '../wire.ts';
import { ladderOf } from './ladder.ts';
import type { Ladder, ShutdownRun } from './result.ts';
import { programOf, type WayName, ways } from './ways.ts';

export const load = 'new=50/s,pooled=10,idle=5,slow=5';
export const stopTimeoutMs = 12_000;

interface Node {
  readonly major: number;
  readonly binary: string;
}

/** Restarts a server that ends in this way, once. */
export async function restartOnce(
  name: WayName,
  node: Node,
  folder: string,
): Promise<{ readonly run: ShutdownRun; readonly ladder: Ladder | undefined }> {
  const begun = circumstances();
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, programOf(ways[name]));
  const [port = 0] = serverPorts(1);
  const wire = await capture(port, join(folder, `${port}.pcap`)).catch(() => undefined);
  try {
    const options = { port, load, slowPath: '/slow', timeout: '90s', stopTimeout: stopTimeoutMs };
    const { runs } = await restart([node.binary, file, String(port)], options);
    const run = accountOf(runs[0]);
    const found = runs[0]?.load;
    const connections = await wire?.connections();
    const ladder =
      found && connections && run.state === 'measured' ? ladderOf(node.major, found, connections) : undefined;
    return { run: { ...begun, ...run }, ladder };
  } catch (error) {
    await wire?.connections();
    return { run: { ...begun, state: 'not measured', why: firstLine(error) }, ladder: undefined };
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
