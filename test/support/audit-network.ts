import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Namespace, openNamespace } from '../../src/lab/hosts/namespace.ts';
import { Teardown } from '../../src/lab/teardown.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { Actor } from './actor.ts';
import { type Audited, audited } from './audits.ts';
import { missing } from './machine.ts';

/** Why there is none here, or null. */
export const whyNoAuditNetwork = (await whyUnmet('namespace')) ?? missing('python3', 'nsenter');

/** The ages are real, and short. */
const soon = [
  ...['--close-wait-age', '300ms', '--fin-wait2-age', '300ms', '--stalled-age', '1s'],
  ...['--accept-age', '300ms', '--for', '400ms'],
];

interface Pair {
  readonly server: Actor;
  readonly client: Actor;
  readonly port: number;
}

/** A network of its own for the tests of a group, in which nothing else can be wrong. */
export class AuditNetwork {
  readonly #teardown = new Teardown();
  readonly #actors: Actor[] = [];
  #host: Namespace | undefined;

  constructor() {
    beforeAll(async () => {
      this.#host = await openNamespace('a network', this.#teardown);
    });
    afterEach(() => this.endActors());
    afterAll(() => this.#teardown.run());
  }

  get host(): Namespace {
    if (this.#host === undefined) throw new Error('there is no network yet');
    return this.#host;
  }

  actor(name?: string): Actor {
    const made = new Actor(this.host.prefix, name);
    this.#actors.push(made);
    return made;
  }

  async endActors(): Promise<void> {
    await Promise.all(this.#actors.splice(0).map((one) => one.end()));
  }

  /** A server with `a`, its accepted sockets, and a client with `c`, the other ends, in a process each. */
  async pair(count: number): Promise<Pair> {
    const [server, client] = [this.actor(), this.actor()];
    const port = await server.does("s = socket.create_server(('127.0.0.1', 0)); r = s.getsockname()[1]");
    await client.does(`c = [socket.create_connection(('127.0.0.1', ${port})) for _ in range(${count})]`);
    await server.does(`a = [s.accept()[0] for _ in range(${count})]`);
    return { server, client, port: Number(port) };
  }

  audit(...args: string[]): Promise<Audited> {
    return audited([...soon, ...args], this.host.prefix);
  }

  /** Runs a command there, such as nft. */
  async run(...command: string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await this.host.run(command);
    if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
    return stdout;
  }

  async setting(name: string, value: string | number): Promise<void> {
    await this.run('sh', '-c', `echo "${value}" > /proc/sys/${name.replaceAll('.', '/')}`);
  }
}
