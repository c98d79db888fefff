/** The container that a launcher enters, from the launcher's words. */

/** Engines whose `exec` enters a container that their `stop` ends. */
const engines = /^(?:\S*\/)?(?:podman|docker|nerdctl|compose|docker-compose|podman-compose)$/;
const orchestrators = /^(?:\S*\/)?(?:kubectl|oc|crictl)$/;

/** Options of exec that take their value from the next word. */
const valued = /^(?:-e|-u|-w|--env|--env-file|--user|--workdir|--detach-keys|--preserve-fds)$/;

/** @returns null if it enters no container; `stop` is null if no single command stops it */
export function enteredBy(launcher: readonly string[]): { readonly stop: readonly string[] | null } | null {
  const exec = launcher.lastIndexOf('exec');
  const program = launcher.slice(0, exec).findLastIndex((word) => !word.startsWith('-'));
  const [name = ''] = launcher.slice(Math.max(0, program), exec);
  if (exec < 1 || program < 0) return null;
  if (orchestrators.test(name)) return { stop: null };
  if (!engines.test(name)) return null;
  const container = containerOf(launcher.slice(exec + 1));
  return { stop: container === undefined ? null : [...launcher.slice(0, exec), 'stop', container] };
}

function containerOf(words: readonly string[]): string | undefined {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (!word.startsWith('-')) return word;
    if (valued.test(word)) i++;
  }
  return undefined;
}
