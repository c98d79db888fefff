import { diagnose } from '../diagnose/diagnosis.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import type { Row } from '../observe/row.ts';
import type { Call } from '../supervisor/calls/call.ts';
import type { Witness } from '../supervisor/calls/witnesses.ts';
import type { FailedBind } from './failed-bind.ts';

/** No trial is possible while another bind to the port is pending, so the failure is seen only afterwards. */
export function isUnexplained(
  { type, port, network, inTheWay, result }: Call,
  { kind }: FailedBind,
): boolean {
  const unexplained = result === 'failed' || kind === 'unknown';
  return unexplained && type === 'stream' && network === 'same' && Boolean(port) && inTheWay.length === 0;
}

const patienceMs = 5000;

/** Who holds the port of a failed bind now; undefined if nothing does, or if that cannot be seen. */
export async function lookRightAfter({
  port,
  address,
}: Call): Promise<{ readonly inTheWay: readonly Row[]; readonly witnesses: readonly Witness[] } | undefined> {
  if (port === null) return undefined;
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const diagnosis = await diagnose({ place: thisMachine, port, host: address ?? undefined, signal });
    if (!diagnosis.held) return undefined;
    const witnesses = diagnosis.holders.flatMap(({ processes }) =>
      processes.map(({ pid, command, parents }) => ({
        pid,
        command,
        above: parents.map((parent) => parent.pid),
      })),
    );
    return { inTheWay: diagnosis.sockets, witnesses };
  } catch {
    return undefined;
  }
}
