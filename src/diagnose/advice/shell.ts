import { type Harmless, pasteableCommand } from '../../foreign.ts';

/** Whose rights a command takes: of whoever looks, or of root. */
export type Rights = 'own' | 'root';

export interface ShellOptions {
  /** The words that start a command where the port is: those of the launcher before it. */
  readonly wrap: (command: readonly string[]) => readonly string[];
  /** Of the user who looks, there; null if it is not known. */
  readonly uid: number | null;
  /** The words that start tcpclose here, with the rights of this user and as root. */
  readonly tcpclose: Readonly<Record<Rights, readonly string[]>>;
  /** The arguments that make tcpclose look there. */
  readonly on: readonly string[];
}

/** Writes commands so that they work where they are pasted, in a shell of whoever asked: behind a launcher, with sudo where it takes that. */
export class Shell {
  readonly #options: ShellOptions;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  /** One command after the other, as long as they succeed. */
  command(rights: Rights, ...commands: readonly (readonly string[])[]): Harmless {
    const { wrap, uid } = this.#options;
    const sudo = rights === 'root' && uid !== 0 ? ['sudo'] : [];
    return commands.map((words) => pasteableCommand(wrap([...sudo, ...words]))).join(' && ') as Harmless;
  }

  /** tcpclose, in the place that is looked at. */
  tcpclose(rights: Rights, ...args: readonly string[]): Harmless {
    const { tcpclose, on } = this.#options;
    return pasteableCommand([...tcpclose[rights], ...args, ...on]);
  }

  /** tcpclose through a launcher of its own. */
  tcpcloseThrough(rights: Rights, launcher: readonly string[], ...args: readonly string[]): Harmless {
    const { tcpclose } = this.#options;
    return pasteableCommand([...tcpclose[rights], ...args, '--on', pasteableCommand(launcher)]);
  }

  /** What it takes to do something to processes of these users. */
  rightsOver(uids: readonly (number | null)[]): Rights {
    const { uid } = this.#options;
    return uids.every((other) => other !== null && other === uid) ? 'own' : 'root';
  }
}
