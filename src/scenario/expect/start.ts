import { formatEndpoint } from '../../address.ts';
import type { Client } from '../../lab/ends/client.ts';
import { Server } from '../../lab/ends/server.ts';
import { type Reuse, StartFailure } from '../../lab/ends/start-failure.ts';
import type { Lab } from '../../lab/lab.ts';
import { TooSlow } from '../../lab/recording/too-slow.ts';
import { describeErrno } from '../../native/errno.ts';
import { type About, Contradicted, type ReportCheck } from './record.ts';

const greeting = 'hello';

/** Expectations of the start of a server or a client. */
export class StartExpectation {
  readonly #lab: Lab;
  readonly #record: ReportCheck;
  readonly #start: Promise<Server | Client | StartFailure>;
  readonly #about: About;

  /** @internal */
  constructor(lab: Lab, record: ReportCheck, start: Promise<Server | Client>, about: About) {
    this.#lab = lab;
    this.#record = record;
    this.#about = about;
    this.#start = start.catch((error: unknown) => {
      if (error instanceof StartFailure) return error;
      throw error;
    });
  }

  /** That call fails with that errno. */
  async fails(call: 'bind' | 'listen' | 'connect', errno: string): Promise<void> {
    const start = await this.#start;
    const expected = `${call}: ${errno}`;
    const title = describeReuse(start.reuse);
    if (start instanceof StartFailure) {
      const agrees = start.call === call && start.errno === errno;
      this.#record(
        { title, expected, observed: `${start.call}: ${describeErrno(start.errno)}`, agrees },
        this.#about,
      );
      return;
    }
    this.#refuseIfEnded(start, `${title}, ${expected}`);
    this.#record(
      { title, expected, observed: start instanceof Server ? 'listening' : 'connected', agrees: false },
      this.#about,
    );
    // What should not be there must not stand in the way of what follows.
    await start.process.end();
  }

  // What blocks a port in TIME_WAIT does so until its timer ends.
  #refuseIfEnded(start: Server | Client, what: string): void {
    const port = start instanceof Server ? start.port : start.connection.local.port;
    const endsAt = this.#lab.sights.endOnPort(port);
    if (endsAt === null || performance.now() < endsAt) return;
    throw new TooSlow(what, `the last TIME_WAIT of port ${port} may have ended before`);
  }

  /** The client is connected. Gives it. */
  async connects(): Promise<Client> {
    const start = await this.#start;
    if (start instanceof Server) throw new TypeError('only clients connect');
    const failed = start instanceof StartFailure;
    const observed = failed ? `${start.call}: ${describeErrno(start.errno)}` : `connected ${pairOf(start)}`;
    this.#record(
      { title: describeReuse(start.reuse), expected: 'connects', observed, agrees: !failed },
      this.#about,
    );
    if (failed) throw new Contradicted();
    return start;
  }

  /** The server listens, accepts a new client, and bytes pass both ways. Gives both. */
  async serves(): Promise<{ server: Server; client: Client }> {
    const start = await this.#start;
    if (!(start instanceof Server || start instanceof StartFailure))
      throw new TypeError('only servers serve');
    const expected = 'serves a new client';
    const title = describeReuse(start.reuse);
    if (start instanceof StartFailure) {
      const observed = `${start.call}: ${describeErrno(start.errno)}`;
      this.#record({ title, expected, observed, agrees: false }, this.#about);
      throw new Contradicted();
    }
    const client = await this.#lab.client(start, { name: 'new client' });
    const side = await start.connectionTo(client.connection);
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
function describeReuse({ reuseAddress, reusePort }: Required<Reuse>): string {
  const set = [reuseAddress === 'on' ? 'SO_REUSEADDR' : '', reusePort === 'on' ? 'SO_REUSEPORT' : ''];
  const names = set.filter((name) => name !== '');
  return names.length === 0 ? 'without SO_REUSEADDR' : `with ${names.join(' and ')}`;
}

function pairOf({ connection: { local, remote } }: Client): string {
  return `${formatEndpoint(local)} to ${formatEndpoint(remote)}`;
}
