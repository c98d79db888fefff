import { formatEndpoint } from '../../address.ts';
import type { Client, ClientOptions } from '../../lab/ends/client.ts';
import { Server } from '../../lab/ends/server.ts';
import { type Reuse, StartFailure } from '../../lab/ends/start-failure.ts';
import { TooSlow } from '../../lab/recording/too-slow.ts';
import type { RunContext } from '../../lab/run-context.ts';
import { describeErrno } from '../../native/errno.ts';
import { readQuestion, startQuestion } from './answered.ts';
import { Contradicted, type Report } from './report.ts';

const greeting = 'hello';

/** Starts a client of a server. */
export type Connect = (server: Server, options: ClientOptions) => Promise<Client>;

/** Expectations of the start of a server or a client. */
export class StartExpectation {
  readonly #run: RunContext;
  readonly #connect: Connect;
  readonly #report: Report;
  readonly #start: Promise<Server | Client | StartFailure>;

  /** @internal */
  constructor(run: RunContext, connect: Connect, report: Report, start: Promise<Server | Client>) {
    this.#run = run;
    this.#connect = connect;
    this.#report = report;
    this.#start = start.catch((error: unknown) => {
      if (error instanceof StartFailure) return error;
      throw error;
    });
  }

  /** Expects that the call fails with that errno. */
  async fails(call: 'bind' | 'listen' | 'connect', errno: string): Promise<void> {
    const start = await this.#start;
    const expected = `${call}: ${errno}`;
    const title = describeReuse(start.reuse);
    if (start instanceof StartFailure) {
      const agrees = start.call === call && start.errno === errno;
      const [observed, found] = [describeFailure(start), foundIn(start)];
      const question = startQuestion(found[0] ?? '', expected);
      this.#report({ title, expected, observed, agrees, found, question });
      return;
    }
    this.#refuseIfEnded(start, `${title}, ${expected}`);
    const observed = start instanceof Server ? 'listening' : 'connected';
    const question = startQuestion(observed, expected);
    this.#report({ title, expected, observed, agrees: false, found: [observed], question });
    // A socket that should not exist must not block the next steps.
    await start.process.end();
  }

  // A leftover in TIME_WAIT blocks a port until its timer ends.
  #refuseIfEnded(start: Server | Client, what: string): void {
    const port = start instanceof Server ? start.port : start.connection.local.port;
    const endsAt = this.#run.lastSeen.endOnPort(port);
    if (endsAt === null || performance.now() < endsAt) return;
    throw new TooSlow(what, `the last TIME_WAIT of port ${port} may have ended before`);
  }

  /** Expects that the client is connected. Returns the client. */
  async connects(): Promise<Client> {
    const start = await this.#start;
    if (start instanceof Server) throw new TypeError('only clients connect');
    const failed = start instanceof StartFailure;
    const observed = failed ? describeFailure(start) : `connected ${pairOf(start)}`;
    const [title, found] = [describeReuse(start.reuse), failed ? foundIn(start) : ['connected']];
    const question = startQuestion(found[0] ?? '', 'connected');
    this.#report({ title, expected: 'connects', observed, agrees: !failed, found, question });
    if (failed) throw new Contradicted();
    return start;
  }

  /** Expects that the server listens and accepts a new client, and that bytes pass both ways. Returns both. */
  async serves(): Promise<{ server: Server; client: Client }> {
    const start = await this.#start;
    if (!(start instanceof Server || start instanceof StartFailure))
      throw new TypeError('only servers serve');
    const expected = 'serves a new client';
    const title = describeReuse(start.reuse);
    if (start instanceof StartFailure) {
      const [observed, found] = [describeFailure(start), foundIn(start)];
      const question = startQuestion(found[0] ?? '', 'listening');
      this.#report({ title, expected, observed, agrees: false, found, question });
      throw new Contradicted();
    }
    const client = await this.#connect(start, { name: 'new client' });
    const end = await start.connectionTo(client.connection);
    await client.write(greeting);
    const received = await start.read(greeting.length);
    await start.write(received.text);
    const answer = await client.read(greeting.length);
    const observed = `accepted ${formatEndpoint(end.remote)}, answered ${JSON.stringify(answer.text)}`;
    const [agrees, found] = [answer.text === greeting, ['listening']];
    const question = readQuestion(client.pid, answer.text, greeting);
    this.#report({ title, expected, observed, agrees, found, question });
    return { server: start, client };
  }
}

/** `without SO_REUSEADDR`, `with SO_REUSEADDR and SO_REUSEPORT`. */
function describeReuse({ reuseAddress, reusePort }: Required<Reuse>): string {
  const set = [reuseAddress === 'on' ? 'SO_REUSEADDR' : '', reusePort === 'on' ? 'SO_REUSEPORT' : ''];
  const names = set.filter((name) => name !== '');
  return names.length === 0 ? 'without SO_REUSEADDR' : `with ${names.join(' and ')}`;
}

function describeFailure({ call, errno }: StartFailure): string {
  return `${call}: ${describeErrno(errno)}`;
}

function foundIn({ call, errno }: StartFailure): string[] {
  return [`${call}: ${errno}`];
}

function pairOf({ connection: { local, remote } }: Client): string {
  return `${formatEndpoint(local)} to ${formatEndpoint(remote)}`;
}
