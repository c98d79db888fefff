import { basename } from 'node:path';

/** A program that holds the port which a container publishes, by its command line. */
export type Publisher =
  /** Of podman as root: it holds the port, and a rule of NAT sends the connections on. `container` is its name. */
  | { readonly program: 'conmon'; readonly container: string }
  /** Of podman without root: it accepts each connection, and passes it on. */
  | { readonly program: 'rootlessport' }
  /** Of Docker. `container` is its address; null if that is not written there. */
  | { readonly program: 'docker-proxy'; readonly address: string | null };

/** null for a program that publishes nothing. */
export function publisherIn(command: string): Publisher | null {
  const container = podmansContainer(command);
  if (container !== null) return { program: 'conmon', container };
  if (/^(?:\S*\/)?rootlessport(?:$| )/.test(command)) return { program: 'rootlessport' };
  if (!/^(?:\S*\/)?docker-proxy /.test(command)) return null;
  return { program: 'docker-proxy', address: / -container-ip ([0-9a-f.:]+)/i.exec(command)?.[1] ?? null };
}

/** The name of the container that a conmon of podman watches; null for another program. CRI-O has conmon, too. */
export function podmansContainer(command: string): string | null {
  if (!/^(?:\S*\/)?conmon /.test(command) || !/ --exit-command \S*podman /.test(command)) return null;
  const name = / (?:-n|--name) ([a-zA-Z0-9][\w.-]*) /.exec(command)?.[1];
  return name ?? / (?:-c|--cid) ([0-9a-f]{12})[0-9a-f]{52} /.exec(command)?.[1] ?? null;
}

/** Whether it accepts connections itself, and ends those for which nothing listens in the container. */
export function isProxy({ program }: Publisher): boolean {
  return program !== 'conmon';
}

const clients = /^(?:docker|docker-compose|nerdctl|podman-compose)$/;

/** Whether it has an engine's daemon run a container, which is not below it, and goes on when it is killed. */
export function isClientOfDaemon([program = '', ...words]: readonly string[]): boolean {
  return clients.test(basename(program)) && (words.includes('run') || words.includes('up'));
}
