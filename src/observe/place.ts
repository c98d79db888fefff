/** What a program printed, and how it ended: -1 where it could not be started at all. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Where an observer looks: the network stack of this machine, of a namespace, or of what lies behind a launcher. */
export interface Place {
  /**
   * Runs a program there, in the C locale. Resolves whatever its exit status; rejects when `signal` aborts, when the program does
   * not end in time or prints without end, and when no process can be started at all.
   */
  run(command: readonly string[], signal?: AbortSignal): Promise<Output>;
  /**
   * The text of a file there; null where it does not exist or may not be read. /proc/net and /proc/sys/net show the network of the
   * place. Rejects as `run` does, and when the place cannot be reached.
   */
  read(path: string, signal?: AbortSignal): Promise<string | null>;
  /** The folder that shows that network's tables as files of this machine, such as /proc/net; undefined elsewhere. */
  readonly procNet: string | undefined;
}

/** Whether it has the network that this process is in, so that the kernel can be asked directly. */
export function isThisNetwork({ procNet }: Place): boolean {
  return procNet === '/proc/net';
}

/** The text of those of the files that can be read, one after the other. */
export async function readAll(place: Place, paths: readonly string[], signal?: AbortSignal): Promise<string> {
  const texts = await Promise.all(paths.map((path) => place.read(path, signal)));
  return texts.join('');
}
