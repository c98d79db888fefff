import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { harmless } from '../foreign.ts';
import { type RestartDocument, restartDocumentOf } from '../report/documents/restart.ts';
import { restartTrials } from '../restart/restart.ts';
import type { Wanted } from '../restart/server-options.ts';
import { reloadOfUnit } from '../restart/unit/reload.ts';
import { systemctl } from '../restart/unit/systemd.ts';
import { parseInteger } from '../scenario/parameters.ts';
import { endpointOf, parsePort } from './addresses.ts';
import { ownEnvironment, requireCommand, requireWords } from './command.ts';
import { type Duration, limitOf } from './duration.ts';
import { type Following, requireProcesses, signalOf } from './following.ts';
import { type GivenLoad, loadOf, stopTimeoutUnder } from './load.ts';
import { regexOf } from './regex.ts';
import { type GivenReload, reloadOf } from './reload.ts';
import { trialsOf } from './trials.ts';
import { type GivenUnit, unitOf } from './unit.ts';
import { type WaitingEvent, waitingEvents } from './waiting.ts';

export interface RestartOptions extends Following<WaitingEvent>, GivenLoad, GivenReload, GivenUnit {
  /** The port of the server (default: detected). */
  readonly port?: number | undefined;
  /** The Unix socket of the server. */
  readonly socket?: string | undefined;
  /** Open a listener here (`8080`, `127.0.0.1:8080`, `[::1]:8080`), keep it across both starts, and pass it to the server (LISTEN_FDS). */
  readonly listenFds?: string | undefined;
  /** Number of clients (default: 1, or 0 with a load). */
  readonly clients?: number | undefined;
  /** Close the clients when the server is gone; by default they stay connected across the restart. */
  readonly clientsClose?: boolean | undefined;
  /** Which side closes first (default: `server-first`). */
  readonly order?: RestartOrder | undefined;
  /** The signal that stops the server (default: `SIGTERM`). */
  readonly signal?: string | undefined;
  /** Try SIGTERM and SIGKILL, each with clients that stay and clients that close. */
  readonly all?: boolean | undefined;
  /** Number of rounds (default: 1). */
  readonly rounds?: number | undefined;
  /** Start the server again until it listens, to measure the whole outage. */
  readonly untilRecovered?: boolean | undefined;
  /** Ready when a line of its output matches: a RegExp, or a text such as `listening` or `/listening/i`. */
  readonly ready?: RegExp | string | undefined;
  /** Ready when a GET of this path is answered. */
  readonly readyHttp?: string | undefined;
  /** Watch the server's bind() and listen() calls (default: true). */
  readonly watch?: boolean | undefined;
  /** The pid file of a server that goes into the background. */
  readonly pidFile?: string | undefined;
  /** The folder to start it in (default: the current one). */
  readonly cwd?: string | undefined;
  /** Environment variables of the server, besides those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Time limit until it listens (default: 30 s). */
  readonly timeout?: Duration | undefined;
  /** Time limit until it exits (default: 10 s). */
  readonly stopTimeout?: Duration | undefined;
  /** How long the second start must stay up after it served a client (default: 1 s). */
  readonly settle?: Duration | undefined;
}

export type RestartOrder = 'server-first' | 'client-first' | 'both';

/** The command is empty if a `unit` is restarted. */
export async function restart(
  command: readonly string[],
  options: RestartOptions = {},
): Promise<RestartDocument> {
  requireProcesses();
  requireWords(command);
  const unit = unitOf(command, options);
  if (unit === undefined)
    requireCommand(command, 'give one, such as node server.js, or a systemd service with --unit');
  const reload = reloadOfUnit(unit, reloadOf(options));
  const words = unit === undefined ? command : systemctl(unit, reload === undefined ? 'restart' : 'reload');
  const load = loadOf(reload === undefined ? options : { ...options, load: options.load ?? true });
  const {
    clients = load === undefined ? 1 : 0,
    rounds = 1,
    timeout = '30s',
    stopTimeout = '10s',
    settle = '1s',
    onEvent,
  } = options;
  const listenFds = options.listenFds === undefined ? undefined : endpointOf(options.listenFds);
  const results = await restartTrials({
    command: {
      words,
      folder: options.cwd === undefined ? process.cwd() : folderOf(options.cwd),
      environment: { ...ownEnvironment(), ...options.env },
      ready: options.ready === undefined ? undefined : regexOf(options.ready),
      listener: listenFds === undefined ? 'not passed' : 'passed',
    },
    wanted: wantedOf(options),
    listenFds,
    pidFile: options.pidFile,
    readyPath: options.readyHttp,
    clients: parseInteger(0, 1000)(String(clients)),
    load,
    request: options.request === undefined ? undefined : Buffer.from(options.request),
    rounds: parseInteger(1, 1000)(String(rounds)),
    until: options.untilRecovered ? 'recovered' : 'first failure',
    timeoutMs: limitOf(timeout),
    stopTimeoutMs: stopTimeoutUnder(load, limitOf(stopTimeout)),
    settleMs: limitOf(settle),
    trials: trialsOf(options, reload),
    unit,
    watch:
      unit !== undefined
        ? { watch: 'not', reason: 'systemd starts the unit' }
        : options.watch === false
          ? { watch: 'not', reason: 'turned off by --no-watch' }
          : { watch: 'calls' },
    signal: signalOf(options),
    progress: waitingEvents(onEvent),
  });
  return restartDocumentOf(words, results);
}

function wantedOf({ port, socket, listenFds }: RestartOptions): Wanted {
  if (listenFds !== undefined) {
    if (port === undefined && socket === undefined) return { kind: 'port', port: endpointOf(listenFds).port };
    throw new UsageError(
      'bad-listener',
      '--listen-fds says where the server listens: leave out --port and --socket',
    );
  }
  if (port !== undefined) return { kind: 'port', port: parsePort(String(port)) };
  return socket === undefined ? { kind: 'any' } : { kind: 'path', path: harmless(socket) };
}

export function folderOf(text: string): string {
  const folder = resolve(text);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new UsageError('bad-folder', `"${text}" is not a folder: name one that exists`);
}
