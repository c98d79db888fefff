import { type ChildProcess, spawn } from 'node:child_process';
import { TcpcloseError } from '../errors.ts';
import { signalChild } from '../native/signal.ts';
import { startTied } from '../native/tie.ts';
import { loadProgram } from '../package.ts';
import { RpcClient } from '../rpc/client.ts';
import { within } from '../time.ts';
import type { Methods } from './methods.ts';
import { type Notifications, notifications } from './notifications.ts';
import type { Plan } from './plan.ts';
import type { Done } from './program/driver.ts';
import type { ConnectionEnd, FinishedRequest } from './request.ts';

const answerDeadlineMs = 30_000;
/** Requests in flight end by their own time limit; the generator is abandoned this much later. */
const marginMs = 20_000;
const endDeadlineMs = 3000;

/**
 * A load generator in its own process: real clients that make requests to one server; each request ends in one class. It begins with
 * `start()`. Finished requests arrive in `requests` and at `onFinished` until `stop()` has returned.
 */
export class LoadGenerator {
  readonly plan: Plan;
  /** All finished requests, in the order in which they were reported. */
  readonly requests: FinishedRequest[] = [];
  /** The kept connections that the server has ended. */
  readonly ends: ConnectionEnd[] = [];
  onFinished: (requests: readonly FinishedRequest[]) => void = () => {};
  readonly #process: ChildProcess;
  readonly #rpc: RpcClient<Methods, Notifications>;
  readonly #gone: Promise<void>;
  readonly #probes: FinishedRequest[] = [];

  constructor(plan: Plan, environment: NodeJS.ProcessEnv) {
    this.plan = plan;
    const { child, untie } = startTied((inherit) =>
      spawn(process.execPath, [loadProgram], {
        stdio: ['pipe', 'pipe', 'pipe', ...inherit],
        detached: true,
        cwd: '/',
        env: environment,
      }),
    );
    this.#process = child;
    this.#rpc = new RpcClient(this.#process, {
      name: 'the load generator',
      notifications,
      on: {
        finished: ({ requests, ends }) => {
          this.ends.push(...ends);
          this.requests.push(...requests);
          this.onFinished(requests);
        },
      },
      deadlineMs: answerDeadlineMs,
      late: async (method) => {
        signalChild(this.#process, 'SIGKILL');
        throw lost(`did not answer "${method}" in time`);
      },
      gone: () => lost(`has ended${this.#rpc.lastWords}`),
      failed: (method, { message }) => lost(`failed at "${method}": ${message}`),
      ready: untie,
    });
    this.#gone = new Promise((resolve) => {
      this.#process.once('close', () => resolve()).once('error', () => resolve());
    });
    void this.#gone.then(() => this.#rpc.end());
  }

  /** A single request, before the load. */
  async probe(form: 'plain' | 'slow'): Promise<FinishedRequest> {
    const { plan } = this;
    const request = await this.#rpc.call('probe', { plan, form }, plan.timeoutMs + marginMs);
    this.#probes.push(request);
    return request;
  }

  /** The ports of the clients' ends of all its connections. */
  get clientPorts(): number[] {
    const ports = [...this.#probes, ...this.requests].map(({ localPort }) => localPort);
    return [...new Set(ports)].filter((port) => port > 0);
  }

  async start(): Promise<void> {
    await this.#rpc.call('start', { plan: this.plan });
  }

  /**
   * Call this when the signal has been sent: idle connections are used again.
   * @param until no request is started after that, in milliseconds of CLOCK_MONOTONIC, unless `send('on')` resumes; null for no limit
   */
  async rouse(until: number | null = null): Promise<void> {
    await this.#rpc.call('rouse', { until });
  }

  /** Stops or resumes starting new requests. */
  async send(state: 'on' | 'paused'): Promise<void> {
    await this.#rpc.call('send', { state });
  }

  /** Starts no more requests, and waits until all are over. */
  stop(): Promise<Done> {
    return this.#rpc.call('stop', {}, this.plan.timeoutMs + marginMs);
  }

  /** Ends the process, and with it all its connections. */
  async end(): Promise<void> {
    this.#process.stdin?.end();
    await within(endDeadlineMs, this.#gone, () => new Error()).catch(() => {
      signalChild(this.#process, 'SIGKILL');
      return this.#gone;
    });
  }
}

function lost(what: string): TcpcloseError {
  return new TcpcloseError('load-lost', `the process that makes the load ${what}: run it again`);
}
