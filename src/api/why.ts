import { diagnose } from '../diagnose/diagnosis.ts';
import { examine } from '../diagnose/situation/situation.ts';
import { waitUntilFree } from '../diagnose/wait.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { openLauncher } from '../lab/hosts/launcher.ts';
import { portDocumentOf, type WhyDocument } from '../report/documents/why.ts';
import { parseHost, parsePort } from './addresses.ts';
import { type Duration, msOf } from './duration.ts';
import { type Following, requireLinux, signalOf } from './following.ts';
import { type Launching, launchPatience } from './launching.ts';
import { shellAt } from './shell.ts';

export interface WhyOptions extends Following<WhyEvent>, Launching {
  /** The address where a bind is tried (default: all addresses). */
  readonly host?: string | undefined;
  /** Return when the port can be bound, or after that long; `true` waits as long as it takes. */
  readonly wait?: Duration | true | undefined;
  /** Look behind a prefix command, such as `ssh box`. */
  readonly on?: string | undefined;
}

/** The port is still held. `leftMs`: until the kernel frees it by itself; null if it does not. */
export interface WhyEvent {
  readonly type: 'waiting';
  readonly leftMs: number | null;
}

/** @throws TcpcloseError */
export async function why(port: number, options: WhyOptions = {}): Promise<WhyDocument> {
  requireLinux();
  const signal = signalOf(options);
  const { host, wait, on, onEvent } = options;
  const question = {
    port: parsePort(String(port)),
    host: host === undefined ? undefined : parseHost(host),
    place: on === undefined ? thisMachine : await openLauncher(on, signal, launchPatience(options)),
    signal,
  };
  const { diagnosis, waitedMs } =
    wait === undefined
      ? { diagnosis: await diagnose(question), waitedMs: null }
      : await waitUntilFree(question, wait === true ? Number.POSITIVE_INFINITY : msOf(wait), ({ freeInMs }) =>
          onEvent?.({ type: 'waiting', leftMs: freeInMs }),
        );
  const { place } = question;
  const examined = await examine(place, diagnosis, signal);
  const shell = shellAt(place, diagnosis.ownUid, on);
  return portDocumentOf({ examined, waitedMs, ended: null }, on ?? null, shell);
}
