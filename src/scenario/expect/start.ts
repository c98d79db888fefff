import { formatEndpoint } from '../../address.ts';
import type { Client } from '../../lab/client.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Server, ServerOptions } from '../../lab/server.ts';
import { StartFailure } from '../../lab/start-failure.ts';
import { describeErrno } from '../../native/errno.ts';
import { type About, Contradicted, type Record } from './record.ts';

const greeting = 'hello';

/** Expectations of the start of a server. */
export class StartExpectation {
  readonly #lab: Lab;
  readonly #record: Record;
  readonly #start: Promise<Server | StartFailure>;
  readonly #about: About;

  /** @internal */
  constructor(lab: Lab, record: Record, start: Promise<Server>, about: About) {
    this.#lab = lab;
    this.#record = record;
    this.#about = about;
    this.#start = start.catch((error: unknown) => {
      if (error instanceof StartFailure) return error;
      throw error;
    });
  }

  /** That call, bind or listen, fails with that errno. */
  async fails(call: 'bind' | 'listen', errno: string): Promise<void> {
    const start = await this.#start;
    const expected = `${call}: ${errno}`;
    const title = describeOptions(start.options);
    if (start instanceof StartFailure) {
      const agrees = start.call === call && start.errno === errno;
      this.#record(
        { title, expected, observed: `${start.call}: ${describeErrno(start.errno)}`, agrees },
        this.#about,
      );
      return;
    }
    this.#record({ title, expected, observed: 'listening', agrees: false }, this.#about);
    // What should not be there must not stand in the way of what follows.
    await start.peer.end();
  }

  /** The server listens, accepts a new client, and bytes pass both ways. Gives both. */
  async serves(): Promise<{ server: Server; client: Client }> {
    const start = await this.#start;
    const expected = 'serves a new client';
    const title = describeOptions(start.options);
    if (start instanceof StartFailure) {
      const observed = `${start.call}: ${describeErrno(start.errno)}`;
      this.#record({ title, expected, observed, agrees: false }, this.#about);
      throw new Contradicted();
    }
    const client = await this.#lab.client(start, { name: 'new client' });
    const side = await start.sideTo(client.side);
    await client.write(greeting);
    const received = await start.read(greeting.length);
    await start.write(received.text);
    const answer = await client.read(greeting.length);
    const observed = `accepted ${formatEndpoint(side.remote)}, answered ${JSON.stringify(answer.text)}`;
    this.#record({ title, expected, observed, agrees: answer.text === greeting }, this.#about);
    return { server: start, client };
  }
}

/** `without SO_REUSEADDR`, `with SO_REUSEADDR and SO_REUSEPORT`. */
function describeOptions({ reuseAddress = 'on', reusePort = 'off' }: ServerOptions): string {
  const set = [reuseAddress === 'on' ? 'SO_REUSEADDR' : '', reusePort === 'on' ? 'SO_REUSEPORT' : ''];
  const names = set.filter((name) => name !== '');
  return names.length === 0 ? 'without SO_REUSEADDR' : `with ${names.join(' and ')}`;
}
