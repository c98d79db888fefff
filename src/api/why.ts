import { diagnose, type Question } from '../diagnose/diagnosis.ts';
import type { Ended } from '../diagnose/ending/ending.ts';
import { listPorts } from '../diagnose/listing.ts';
import { examine } from '../diagnose/situation/situation.ts';
import { diagnoseUnix, type UnixName } from '../diagnose/unix/unix-diagnosis.ts';
import { type Waited, waitUntilFree } from '../diagnose/wait.ts';
import { UsageError } from '../errors.ts';
import { type Host, thisMachine } from '../lab/hosts/host.ts';
import { openLauncher } from '../lab/hosts/launcher.ts';
import { portDocumentOf, type WhyDocument } from '../report/documents/why.ts';
import { listenersDocumentOf, severalDocumentOf, type WhyAnswer } from '../report/documents/why-answers.ts';
import { type UnixDocument, unixDocumentOf } from '../report/documents/why-unix.ts';
import { parseHost } from './addresses.ts';
import { type Duration, msOf } from './duration.ts';
import { type Following, requireLinux, signalOf } from './following.ts';
import { type Launching, launchPatience } from './launching.ts';
import { shellAt } from './shell.ts';
import { type Consent, endHolders, usualPatienceMs } from './why-kill.ts';
import { parseTarget, type WhyTarget } from './why-targets.ts';

export interface WhyOptions extends Following<WhyEvent>, Launching {
  /** The address to try to bind (default: all addresses). */
  readonly host?: string | undefined;
  /** Wait until the port can be bound, at most this long; `true` has no limit. */
  readonly wait?: Duration | true | undefined;
  /**
   * End the processes that hold the port with SIGTERM, and return when it can be bound, or after `wait` (default: 10 s). `true` does not
   * ask; a function gets the plan, and ends nothing if it returns false.
   */
  readonly kill?: Consent | false | undefined;
  /** Look behind a prefix command, such as `ssh box`. */
  readonly on?: string | undefined;
}

/**
 * `waiting`: the port is still held. `leftMs`: until the kernel frees it by itself; null if it does not. `atLatestMs`: the same if the other
 * side of a FIN_WAIT2 closes before. `ending`: its holders were asked to end. `leftMs`: until the wait for that is over.
 */
export type WhyEvent =
  | {
      readonly type: 'waiting';
      readonly port: number;
      readonly leftMs: number | null;
      readonly atLatestMs: number | null;
    }
  | { readonly type: 'ending'; readonly port: number; readonly leftMs: number };

/** A port, `host:port`, a URL, or the path or `@name` of a Unix socket. */
export type WhyQuestion = number | string;

export async function why(
  asked: WhyQuestion | readonly WhyQuestion[] = [],
  options: WhyOptions = {},
): Promise<WhyAnswer> {
  requireLinux();
  const isOne = !Array.isArray(asked);
  const targets = (isOne ? [asked] : asked).map((target) => parseTarget(textOf(target)));
  check(targets, options);
  const signal = signalOf(options);
  const { on } = options;
  const place = on === undefined ? thisMachine : await openLauncher(on, signal, launchPatience(options));
  if (targets.length === 0) return listenersDocumentOf(await listPorts(place, signal), on ?? null);
  const answers: (WhyDocument | UnixDocument)[] = [];
  for (const target of targets) {
    answers.push(
      target.kind === 'port'
        ? await aboutPort(target, place, options)
        : await aboutSocket(target.name, place, on),
    );
    signal.throwIfAborted();
  }
  const [first] = answers;
  return isOne && first !== undefined ? first : severalDocumentOf(answers);
}

function textOf(asked: unknown): string {
  if (typeof asked === 'number' || typeof asked === 'string') return String(asked);
  throw new UsageError(
    'bad-port',
    `"${asked}" is not a port: give a number, or a text such as 127.0.0.1:8080, or an array of these`,
  );
}

function check(targets: readonly WhyTarget[], { wait, kill, on }: WhyOptions): void {
  const sockets = targets.filter(({ kind }) => kind === 'socket');
  if (kill && (targets.length === 0 || sockets.length > 0)) {
    throw new UsageError('no-port', '--kill frees ports: name one, such as "tcpclose why 8080 --kill"');
  }
  if (kill && on !== undefined) {
    throw new UsageError(
      'kill-elsewhere',
      '--kill ends processes of this machine: run tcpclose there instead of --on',
    );
  }
  if (wait !== undefined && (targets.length === 0 || sockets.length > 0)) {
    throw new UsageError('no-port', '--wait waits for ports: name one, such as "tcpclose why 8080 --wait"');
  }
  if (on !== undefined && sockets.length > 0) {
    throw new UsageError(
      'socket-elsewhere',
      '--on looks at ports: run tcpclose there to look at a Unix socket',
    );
  }
}

async function aboutPort(
  target: Extract<WhyTarget, { kind: 'port' }>,
  place: Host,
  options: WhyOptions,
): Promise<WhyDocument> {
  const { host, on } = options;
  const signal = signalOf(options);
  const question: Question = {
    port: target.port,
    host: target.host ?? (host === undefined ? undefined : parseHost(host)),
    place,
    signal,
  };
  const { diagnosis, waitedMs, ended } = await lookedAt(question, options);
  const examined = await examine(place, diagnosis, signal);
  const shell = shellAt(place, diagnosis.ownUid, on);
  return portDocumentOf({ examined, waitedMs, ended }, on ?? null, shell);
}

/** Returns at once when it is free, or when its holders have ended. */
async function lookedAt(
  question: Question,
  { wait, kill = false, onEvent }: WhyOptions,
): Promise<Waited & { readonly ended: Ended | null }> {
  const { port } = question;
  const limitMs = wait === undefined || wait === true ? null : msOf(wait);
  if (kill !== false) {
    const withinMs = limitMs ?? usualPatienceMs;
    const waits = () => onEvent?.({ type: 'ending', port, leftMs: withinMs });
    const ended = await endHolders(question, await diagnose(question), { consent: kill, withinMs, waits });
    return { diagnosis: await diagnose(question), waitedMs: null, ended };
  }
  if (wait === undefined) return { diagnosis: await diagnose(question), waitedMs: null, ended: null };
  const waited = await waitUntilFree(question, limitMs ?? Number.POSITIVE_INFINITY, (diagnosis) => {
    const { freeInMs: leftMs, freeAtLatestInMs: atLatestMs } = diagnosis;
    onEvent?.({ type: 'waiting', port, leftMs, atLatestMs });
  });
  return { ...waited, ended: null };
}

async function aboutSocket(name: UnixName, place: Host, on: string | undefined): Promise<UnixDocument> {
  const shell = shellAt(place, process.geteuid?.() ?? null, on);
  return unixDocumentOf(await diagnoseUnix(place, name), shell);
}
