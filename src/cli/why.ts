import type { Command } from 'commander';
import { adviceFor } from '../diagnose/advice.ts';
import { type Diagnosis, diagnose } from '../diagnose/diagnosis.ts';
import { meaningOf } from '../diagnose/meaning.ts';
import { type Waited, waitUntilFree } from '../diagnose/wait.ts';
import { UsageError } from '../errors.ts';
import { thisMachine } from '../lab/host.ts';
import { openLauncher } from '../lab/launcher.ts';
import { describeErrno } from '../native/errno.ts';
import type { WhyDocument } from '../report/documents/why.ts';
import { createPaint } from '../report/paint.ts';
import { printDocument } from '../report/print-document.ts';
import { whyText } from '../report/why.ts';
import { formatSpan } from '../time.ts';
import type { Invocation } from './commands.ts';
import { colorOption, jsonOption } from './common-options.ts';
import { parseDuration } from './duration.ts';
import { exitStatus } from './exit-status.ts';
import { parseHost, parsePort } from './network-options.ts';
import { Progress } from './progress.ts';

interface WhyOptions {
  readonly host?: string;
  readonly wait?: string | true;
  readonly on?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .option('--host <address>', 'where a bind is tried (default: on all addresses)', parseHost)
    .option('--wait [duration]', 'return when the port can be bound, or with status 1 after that long')
    .option(
      '--on <launcher>',
      'look behind a command such as "ssh box", which needs ss, netstat or /proc there',
    )
    .addOption(jsonOption())
    .addOption(colorOption())
    .action(async (text: string | undefined, options: WhyOptions) => {
      const { port, waitMs } = portAndWait(text, options.wait);
      const { signal } = interruption;
      const place = options.on === undefined ? thisMachine : await openLauncher(options.on, signal);
      const question = { place, port, host: options.host, signal };
      const progress = new Progress();
      const answer: Waited =
        waitMs === null
          ? { diagnosis: await diagnose(question), waitedMs: null }
          : await waitUntilFree(question, waitMs, ({ freeInMs }) => {
              const left = freeInMs === null ? 'as long as it is held' : `${formatSpan(freeInMs)} left`;
              progress.show(`waiting for port ${port} (${left})`);
            }).finally(() => progress.end());
      await print(documentOf(answer, options), options);
      finish(answer.diagnosis.held ? exitStatus.contradicted : exitStatus.asExpected);
    });
}

/** commander takes the port of `--wait 8080` for the time to wait: a bare number without another is the port. */
function portAndWait(
  text: string | undefined,
  wait: WhyOptions['wait'],
): { port: number; waitMs: number | null } {
  if (text === undefined && typeof wait === 'string' && /^\d+$/.test(wait)) {
    return { port: parsePort(wait), waitMs: Number.POSITIVE_INFINITY };
  }
  if (text === undefined) throw new UsageError('no-port', 'a port is missing: see "tcpclose why --help"');
  const port = parsePort(text);
  if (wait === undefined) return { port, waitMs: null };
  return { port, waitMs: wait === true ? Number.POSITIVE_INFINITY : parseDuration(wait) };
}

async function print(document: WhyDocument, { json, color }: WhyOptions): Promise<void> {
  if (json) {
    printDocument(document);
    return;
  }
  const paint = await createPaint(color ? 'auto' : 'never', process.stdout.isTTY === true);
  process.stdout.write(
    whyText(document, describeErrno, paint)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

function documentOf({ diagnosis, waitedMs }: Waited, { on = null }: { on?: string | null }): WhyDocument {
  const { port, host, held, bind, freeInMs, settings, way } = diagnosis;
  return {
    schemaVersion: 1,
    port,
    host,
    on,
    held,
    holders: diagnosis.holders.map(holderDocument),
    bind: { ...bind },
    passesOn: [...diagnosis.passesOn],
    freeInMs,
    settings: { ...settings, ephemeral: settings.ephemeral === null ? null : [...settings.ephemeral] },
    elsewhere: diagnosis.elsewhere.map(({ process, sees, addresses }) => ({
      process: processDocument(process),
      sees,
      addresses: [...addresses],
    })),
    way,
    unseen: diagnosis.unseen.map((unseen) => ({ ...unseen })),
    waitedMs,
    meaning: meaningOf(diagnosis),
    advice: adviceFor(diagnosis),
  };
}

type Holder = Diagnosis['holders'][number];

function holderDocument({ uid: _, ...holder }: Holder): WhyDocument['holders'][number] {
  return {
    ...holder,
    addresses: [...holder.addresses],
    remotes: [...holder.remotes],
    processes: holder.processes.map(processDocument),
  };
}

// A command line may be very long, and that of an ancestor is there only to be recognised.
const ancestorCommandLength = 200;

function processDocument(
  process: Holder['processes'][number],
): WhyDocument['holders'][number]['processes'][number] {
  const parents = process.parents.map(({ pid, command }) => ({
    pid,
    command: command.slice(0, ancestorCommandLength),
  }));
  return { ...process, parents, origins: [...process.origins] };
}
