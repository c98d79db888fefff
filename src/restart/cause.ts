import { exitedOtherwise, staleSocket } from './causes/exited-otherwise.ts';
import { heldForAMoment } from './causes/held-for-a-moment.ts';
import { listenerLeft, oldListener } from './causes/listener-left.ts';
import { noReuseAddress } from './causes/no-reuse-address.ts';
import { notServed } from './causes/not-served.ts';
import { otherHolder, takenBy, takenBySystemd } from './causes/port-taken.ts';
import { stillRunning } from './causes/still-running.ts';
import { survivingConnection, survivingListener } from './causes/surviving.ts';
import { optionOf } from './causes/words.ts';
import { saysInUse } from './output-words.ts';
import type { Cause, Observation, SecondStart } from './trial.ts';

/** Why a restart failed, from the observations. */
export function causeOf(seen: Observation): Cause {
  const { second } = seen;
  if (second === null) return stillRunning(seen);
  const neverBound = second.ownBind.state === 'never called' && second.result === 'failed';
  if (neverBound) return exitedOtherwise(seen, second);
  const survivor = seen.oldProcesses.find(({ pid }) => seen.stillListening.includes(pid));
  if (survivor !== undefined) return survivingListener(seen, second, survivor);
  return second.result === 'failed' ? causeOfFailure(seen, second) : notServed(seen, second);
}

function causeOfFailure(seen: Observation, second: SecondStart): Cause {
  // The server listened, so its bind succeeded, whatever blocks another bind now.
  if (second.listened === 'yes') return exitedOtherwise(seen, second);
  const inUse = gotInUse(second);
  const { probe, target } = seen;
  if (probe === null) {
    if (!inUse) return exitedOtherwise(seen, second);
    return 'path' in target ? staleSocket(target.path) : takenBySystemd;
  }
  if (probe.withoutReuseAddress !== 'EADDRINUSE') {
    return inUse ? heldForAMoment(seen, second) : exitedOtherwise(seen, second);
  }
  const left = oldListener(seen, second);
  if (left !== undefined) return listenerLeft(seen, second, left);
  const other = otherHolder(seen, second);
  if (other !== undefined) return takenBy(other);
  // A start that reports another error is believed, even if its bind would have failed as well.
  const isMute = second.ownBind.state === 'not known' && second.output.trim() === '';
  if (!inUse && (!isMute || probe.withReuseAddress === 'ok')) return exitedOtherwise(seen, second);
  const survivor = survivingConnection(seen, second);
  if (survivor !== undefined) return survivor;
  return probe.withReuseAddress === 'ok' && bothHadOption(seen, second)
    ? heldForAMoment(seen, second)
    : noReuseAddress(seen, second, probe);
}

/** Whether both servers set SO_REUSEADDR: then leftovers of connections did not refuse the second bind. */
function bothHadOption(seen: Observation, { ownBind }: SecondStart): boolean {
  if (optionOf(seen) !== 'on' || seen.reuseAddressAtBind === false) return false;
  return ownBind.state === 'called' && ownBind.last.options?.reuseAddress === true;
}

/** Whether the second start got EADDRINUSE: from its own calls, or from its output if they were not seen or a later attempt succeeded. */
function gotInUse({ ownBind, output }: SecondStart): boolean {
  if (ownBind.state !== 'called') return saysInUse(output);
  const { last, refused } = ownBind;
  if (last.result === 'EADDRINUSE') return true;
  const isKnown = last.result !== 'not seen' && last.result !== 'failed';
  return (refused !== undefined || !isKnown) && saysInUse(output);
}
