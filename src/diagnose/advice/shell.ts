import { type Harmless, pasteableCommand } from '../../foreign.ts';
import { enteredBy } from './entered.ts';

/** Whose privileges a command needs: the user's, or root's. */
type Rights = 'own' | 'root';

interface ShellOptions {
  /** The words of the launcher before a command that runs where the port is. */
  readonly wrap: (command: readonly string[]) => readonly string[];
  /** The uid of the user there; null if it is not known. */
  readonly uid: number | null;
  /** The words that start tcpclose there, as this user and as root. */
  readonly tcpclose: Readonly<Record<Rights, readonly string[]>>;
  /** The arguments with which tcpclose looks there. */
  readonly on: readonly string[];
  /** The words of the launcher; empty for this machine. */
  readonly launcher?: readonly string[];
}

/** Writes commands that work when pasted into the user's shell: behind a launcher, and with sudo if necessary. */
export class Shell {
  readonly #options: ShellOptions;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  /** The user there; null if it is not known. */
  get uid(): number | null {
    return this.#options.uid;
  }

  /** Several commands, each only if the one before succeeded. */
  command(rights: Rights, ...commands: readonly (readonly string[])[]): Harmless {
    const { wrap, uid } = this.#options;
    const sudo = rights === 'root' && uid !== 0 ? ['sudo'] : [];
    return commands.map((words) => pasteableCommand(wrap([...sudo, ...words]))).join(' && ') as Harmless;
  }

  /** How to stop, from outside, the container that the launcher enters; null if it enters none. */
  get entered(): { readonly stop: Harmless | null } | null {
    const found = enteredBy(this.#options.launcher ?? []);
    return found && { stop: found.stop && pasteableCommand(found.stop) };
  }

  /** tcpclose at the place of the port. */
  tcpclose(rights: Rights, ...args: readonly string[]): Harmless {
    const { tcpclose, on } = this.#options;
    return pasteableCommand([...tcpclose[rights], ...args, ...on]);
  }

  /** tcpclose behind another launcher. */
  tcpcloseThrough(rights: Rights, launcher: readonly string[], ...args: readonly string[]): Harmless {
    const { tcpclose } = this.#options;
    return pasteableCommand([...tcpclose[rights], ...args, '--on', pasteableCommand(launcher)]);
  }

  /** The privileges needed to act on processes of these users. */
  rightsOver(uids: readonly (number | null)[]): Rights {
    const { uid } = this.#options;
    return uids.every((other) => other !== null && other === uid) ? 'own' : 'root';
  }
}
