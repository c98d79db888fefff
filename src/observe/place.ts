/** A program's output and exit status; -1 if it could not be started. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Where an observer looks: the network of this machine, of a namespace, or behind a launcher. */
export interface Place {
  /**
   * Runs a program there, in the C locale. Resolves with any exit status. Rejects if `signal` aborts, if the program does not end in time
   * or prints too much, or if no process can be started.
   */
  run(command: readonly string[], signal?: AbortSignal): Promise<Output>;
  /**
   * The text of a file there; null if it does not exist or may not be read. /proc/net and /proc/sys/net show the network of the place.
   * Rejects as `run` does, and if the place cannot be reached.
   */
  read(path: string, signal?: AbortSignal): Promise<string | null>;
  /** The folder with that network's tables as files of this machine, such as /proc/net; undefined elsewhere. */
  readonly procNet: string | undefined;
}

/** Whether it is the network of this process, so that the kernel can be asked directly. */
export function isThisNetwork({ procNet }: Place): boolean {
  return procNet === '/proc/net';
}

/** The concatenated text of the readable files. */
export async function readAll(place: Place, paths: readonly string[], signal?: AbortSignal): Promise<string> {
  const texts = await Promise.all(paths.map((path) => place.read(path, signal)));
  return texts.join('');
}
