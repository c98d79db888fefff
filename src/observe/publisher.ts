import { basename } from 'node:path';

/** A program that holds the port that a container publishes, recognised by its command line. */
export type Publisher =
  /** Podman run by root: conmon holds the port, and a NAT rule forwards the connections. `container` is its name. */
  | { readonly program: 'conmon'; readonly container: string }
  /** Podman run by another user: it accepts each connection and forwards it. */
  | { readonly program: 'rootlessport' }
  /** Docker. `container` is its address; null if the command line does not contain it. */
  | { readonly program: 'docker-proxy'; readonly address: string | null };

/** null if a program publishes nothing. */
export function publisherIn(command: string): Publisher | null {
  const container = podmansContainer(command);
  if (container !== null) return { program: 'conmon', container };
  if (/^(?:\S*\/)?rootlessport(?:$| )/.test(command)) return { program: 'rootlessport' };
  if (!/^(?:\S*\/)?docker-proxy /.test(command)) return null;
  return { program: 'docker-proxy', address: / -container-ip ([0-9a-f.:]+)/i.exec(command)?.[1] ?? null };
}

/** The name of the container that a conmon of podman watches; null for another program. CRI-O uses conmon too. */
export function podmansContainer(command: string): string | null {
  if (!/^(?:\S*\/)?conmon /.test(command) || !/ --exit-command \S*podman /.test(command)) return null;
  const name = / (?:-n|--name) ([a-zA-Z0-9][\w.-]*) /.exec(command)?.[1];
  return name ?? / (?:-c|--cid) ([0-9a-f]{12})[0-9a-f]{52} /.exec(command)?.[1] ?? null;
}

/** Whether it accepts connections itself, and ends them if nothing listens in the container. */
export function isProxy({ program }: Publisher): boolean {
  return program !== 'conmon';
}

const clients = /^(?:docker|docker-compose|nerdctl|podman-compose)$/;

/** Whether the container that it started runs below an engine's daemon, and continues when this program is killed. */
export function isClientOfDaemon([program = '', ...words]: readonly string[]): boolean {
  return clients.test(basename(program)) && (words.includes('run') || words.includes('up'));
}
