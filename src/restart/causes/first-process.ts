import type { Cause, Observation } from '../trial.ts';
import { nameProcess } from './words.ts';

/** The first process of a container ignores the signal because it has no handler for it; undefined if that is not the cause. */
export function firstProcessIgnores({ firstProcess, signal }: Observation): Cause | undefined {
  if (firstProcess === undefined) return undefined;
  const { disposition, is, child } = firstProcess;
  const who = nameProcess(firstProcess);
  if (is === 'a shell' && child !== null) {
    const how = disposition.caught.includes(signal)
      ? `handles ${signal} itself`
      : `does nothing with ${signal}, as the kernel drops signals that the first process of a pid namespace does not handle`;
    return {
      code: 'signal-not-passed-on',
      explanation: `The first process of the container is a shell, ${who}: it ${how}, and the server below it, ${nameProcess(child)}, never gets it.`,
      remedy:
        'start the server in the place of the shell: "exec node server.js" as its last command, or CMD ["node", "server.js"] in the image; and let the server handle the signal',
    };
  }
  if (disposition.caught.includes(signal) || disposition.awaited.includes(signal)) return undefined;
  return {
    code: 'first-process',
    explanation: `The first process of the container, ${who}, does not handle ${signal}: the kernel drops signals that the first process of a pid namespace does not handle.`,
    remedy: `handle ${signal} in the program, or start it below an init: podman run --init, docker run --init, "init: true" in a compose file`,
  };
}
