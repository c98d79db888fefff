import { adviceFor } from '../../diagnose/advice/advice.ts';
import { languageOf } from '../../diagnose/advice/languages.ts';
import type { Shell } from '../../diagnose/advice/shell.ts';
import type { Step } from '../../diagnose/advice/step.ts';
import type { Diagnosis } from '../../diagnose/diagnosis.ts';
import { meaningOf } from '../../diagnose/meaning.ts';
import { noticesOf } from '../../diagnose/notices.ts';
import type { Waited } from '../../diagnose/wait.ts';
import { pasteableCommand } from '../../foreign.ts';
import type { WhyDocument } from '../../report/documents/why.ts';

export function whyDocument({ diagnosis, waitedMs }: Waited, on: string | null, shell: Shell): WhyDocument {
  const { port, host, held, verdict, bind, freeInMs, settings, way } = diagnosis;
  const steps = adviceFor(diagnosis, shell);
  return {
    schemaVersion: 1,
    port,
    host,
    on,
    held,
    verdict,
    holders: diagnosis.holders.map(holderDocument),
    clients: diagnosis.clients.map(holderDocument),
    udp: diagnosis.udp.map(({ address, processes }) => ({ address, processes: [...processes] })),
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
    unseen: diagnosis.unseen.map(({ what, how, asRoot }) => {
      const command = asRoot === 'yes' ? shell.tcpclose('root', 'why', String(port)) : null;
      return { what, how: command === null ? how : `${how}: ${command}`, command };
    }),
    waitedMs,
    meaning: meaningOf(diagnosis),
    notices: noticesOf(diagnosis),
    language: languageIn(diagnosis),
    steps: steps.map(({ text, command, code }) => ({
      text,
      command,
      code: code === null ? null : { ...code },
    })),
    advice: steps.flatMap(linesOf),
  };
}

function languageIn({ holders }: Diagnosis): string | null {
  const commands = holders.flatMap(({ processes }) => processes.map(({ command }) => command));
  return commands.map(languageOf).find((language) => language !== null) ?? null;
}

type Holder = Diagnosis['holders'][number];

// What is told one by one; the rest is counted.
const shownProcesses = 5;

function holderDocument({ uid: _, processes, ...holder }: Holder): WhyDocument['holders'][number] {
  return {
    ...holder,
    addresses: [...holder.addresses],
    remotes: [...holder.remotes],
    processes: processes.slice(0, shownProcesses).map(processDocument),
    processCount: processes.length,
    pids: processes.map(({ pid }) => pid),
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
  const origins = process.origins.map(({ kind, name, stop }) => ({
    kind,
    name,
    stop: stop === null ? null : pasteableCommand(stop),
  }));
  return { ...process, parents, origins };
}

function linesOf({ text, command, code }: Step): string[] {
  const first = command === null ? text : `${text}: ${command}`;
  return [first, ...Object.entries(code ?? {}).map(([language, line]) => `${language}: ${line}`)];
}
