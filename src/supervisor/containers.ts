/**
 * Containers below the command. An engine that is killed leaves its container, and the rules that lead to it. So the programs in the
 * container are ended, and the engine gets time to remove it. Only processes below the root are touched.
 */
import { basename } from 'node:path';
import { sendSignal } from '../native/signal.ts';
import { folderOf, type Process, steadyDescendantsOf, wordsOf } from '../observe/processes.ts';
import { isClientOfDaemon, podmansContainer } from '../observe/publisher.ts';
import { textOf } from '../proc-files.ts';
import { poll } from '../time.ts';

/** Podman needs a second for each step on a busy machine. */
const startMs = 5000;
const endMs = 20_000;
const pollMs = 20;

/** Programs of engines that end by themselves when their container has ended. */
const ofEngines =
  /^(?:podman|conmon|crun|runc|netavark|aardvark-dns|slirp4netns|pasta|rootlessport|fuse-overlayfs)$/;

interface Program extends Process {
  readonly words: readonly string[];
}

/** Waits until podman has started the containers that it is about to start: if podman ended before, nothing would remove its container. */
export async function untilContainersRun(root: number): Promise<void> {
  const isStarting = () => {
    const programs = below(root);
    const starting = programs.filter(({ words }) => programOf(words) === 'podman' && words.includes('run'));
    return (
      starting.some(({ words }) => !isDetached(words)) && !programs.some((one) => isPayload(one, programs))
    );
  };
  await poll('the start of a container', () => !isStarting(), { withinMs: startMs, everyMs: pollMs });
}

/** Kills the programs in containers, and waits until their engines have ended; clients of daemons are only awaited. */
export async function endContainers(root: number): Promise<void> {
  const areGone = () => {
    const programs = below(root);
    for (const one of programs) if (isPayload(one, programs)) sendSignal(one.pid, 'SIGKILL');
    return !programs.some(({ words }) => isAtWork(words) || isClientOfDaemon(words));
  };
  await poll('the end of containers', areGone, { withinMs: endMs, everyMs: pollMs });
}

function below(root: number): Program[] {
  return steadyDescendantsOf(root).map((process) => ({
    ...process,
    words: wordsOf(textOf(`${folderOf(process.pid)}/cmdline`)),
  }));
}

/** Whether a program runs in a container: below podman's conmon, and not part of the engine itself. */
function isPayload({ pid, parent, words }: Program, programs: readonly Program[]): boolean {
  if (ofEngines.test(programOf(words)) || words.length === 0) return false;
  for (let at: number | undefined = parent; at !== undefined && at !== pid; ) {
    const above: Program | undefined = programs.find((one) => one.pid === at);
    if (above !== undefined && isConmon(above.words)) return true;
    // A program of the engine, such as iptables, which netavark starts.
    if (above !== undefined && ofEngines.test(programOf(above.words))) return false;
    at = above?.parent;
  }
  return false;
}

function isConmon(words: readonly string[]): boolean {
  return podmansContainer(words.join(' ')) !== null;
}

// The client and the program that conmon runs at the end both remove the container, and the rules that lead to it.
function isAtWork(words: readonly string[]): boolean {
  return isConmon(words) || /^(?:podman|crun|runc|netavark)$/.test(programOf(words));
}

function isDetached(words: readonly string[]): boolean {
  return words.includes('-d') || words.includes('--detach');
}

function programOf([program = '']: readonly string[]): string {
  return basename(program);
}
