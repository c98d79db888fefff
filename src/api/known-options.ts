import { thresholdNames } from '../audit/thresholds.ts';
import { UsageError } from '../errors.ts';
import { nearestTo } from '../nearest.ts';
import type { AuditOptions } from './audit.ts';
import type { ClaimsOptions } from './claims.ts';
import type { DoctorOptions } from './doctor.ts';
import type { IdleOptions } from './idle.ts';
import type { LeftOptions } from './left-sockets.ts';
import type { MatrixOptions } from './matrix.ts';
import type { MergeOptions } from './merge.ts';
import { isRecord, type Kind, whatInstead } from './option-kinds.ts';
import type { RestartOptions } from './restart.ts';
import type { RunOptions } from './run.ts';
import type { ScenarioOptions } from './run-scenario.ts';
import type { SuiteOptions } from './run-suite.ts';
import type { WatchOptions } from './watch.ts';
import type { WhyOptions } from './why.ts';

type Kinds<Options> = Readonly<Record<keyof Options, Kind>>;

const following = { onEvent: 'function', abortSignal: 'signal' } as const;
const launching = { launchTimeout: 'span', onSlowLaunch: 'function' } as const;
const hosts = { ...launching, serverOn: 'text', clientOn: 'text' } as const;

/** By the name of the function. */
const known = {
  restart: {
    ...following,
    ...{ port: 'number', socket: 'text', listenFds: 'number', clients: 'number', clientsClose: 'switch' },
    ...{ order: 'text', signal: 'text', all: 'switch', rounds: 'number', untilRecovered: 'switch' },
    ...{ ready: 'regex', readyHttp: 'text', watch: 'switch', pidFile: 'text', cwd: 'text' },
    ...{ env: 'texts by name', timeout: 'span', stopTimeout: 'span', settle: 'span' },
    ...{ load: 'load', request: 'bytes', answer: 'regex', slowRequest: 'bytes' },
    ...{ path: 'text', slowPath: 'text' },
    ...{ body: 'bytes', tls: 'switch', cacert: 'text', requestTimeout: 'span', allowLoss: 'number' },
    ...{ drain: 'span', preStop: 'span', reload: 'text', reloadCommand: 'text' },
    ...{ handover: 'text or true or false', unit: 'text', user: 'switch' },
  } satisfies Kinds<RestartOptions>,
  idle: {
    ...following,
    ...{ port: 'number', ready: 'regex', timeout: 'span', client: 'text', clientIdle: 'span', for: 'span' },
    ...{ rate: 'number', rtt: 'span', path: 'text', tls: 'switch', request: 'bytes', answerTimeout: 'span' },
    ...{ provoke: 'number or true or false', hold: 'span', method: 'text', through: 'text or texts' },
  } satisfies Kinds<IdleOptions>,
  audit: {
    ...following,
    ...launching,
    ...{ on: 'text', pid: 'number', port: 'number', remote: 'text', for: 'span' },
    ...(Object.fromEntries(thresholdNames.map((name) => [name, 'number'])) as Kinds<
      Record<(typeof thresholdNames)[number], unknown>
    >),
  } satisfies Kinds<AuditOptions>,
  why: {
    ...following,
    ...launching,
    ...{ on: 'text', host: 'text', wait: 'span or true', kill: 'function or true or false' },
  } satisfies Kinds<WhyOptions>,
  watch: { ...following, ...launching, on: 'text', for: 'span', until: 'text' } satisfies Kinds<WatchOptions>,
  run: { ...following, onStart: 'function' } satisfies Kinds<RunOptions>,
  runScenario: {
    ...following,
    ...hosts,
    ...{ parameters: 'record', host: 'text', port: 'number', observer: 'text', network: 'text' },
    ...{ twoHosts: 'switch', packets: 'switch', without: 'text', beforeStep: 'function' },
  } satisfies Kinds<ScenarioOptions>,
  runSuite: {
    ...following,
    ...hosts,
    ...{ require: 'texts', repeat: 'number', shuffle: 'switch', seed: 'number', slow: 'switch' },
    ...{ jobs: 'number', timeout: 'span', host: 'text', twoHosts: 'switch', observer: 'text' },
  } satisfies Kinds<SuiteOptions>,
  claims: {
    ...following,
    ...{ slow: 'switch', observer: 'text', jobs: 'number', compare: 'text', evidence: 'text' },
    timeout: 'span',
  } satisfies Kinds<ClaimsOptions>,
  doctor: following satisfies Kinds<DoctorOptions>,
  merge: { ...following, byFile: 'switch' } satisfies Kinds<MergeOptions>,
  matrix: following satisfies Kinds<MatrixOptions>,
  freePort: { host: 'text' } satisfies Kinds<{ readonly host?: string }>,
  leftSockets: { within: 'span', except: 'set' } satisfies Kinds<LeftOptions>,
} as const;

/**
 * For callers without types: a misspelt option would be left out, and the verdict would be about something else; one of another type would
 * fail in the middle of a run.
 * @throws UsageError `unknown-option`, `bad-option`
 */
export function refuseUnknown(name: keyof typeof known, options: unknown = {}): void {
  if (!isRecord(options))
    throw new UsageError('bad-option', `the options of ${name}() are not an object: give one, or none`);
  const kinds = new Map<string, Kind>(Object.entries(known[name]));
  for (const [option, value] of Object.entries(options)) {
    const kind = kinds.get(option);
    if (kind === undefined) throw unknownOption(name, option, [...kinds.keys()]);
    const instead = value === undefined ? undefined : whatInstead(kind, value);
    if (instead !== undefined)
      throw new UsageError(
        'bad-option',
        `"${option}" of ${name}() has a value of another type: give ${instead}`,
      );
  }
}

/** A text for people in which options of the command are those of the function: `--stop-timeout` is `stopTimeout`. */
export function inOptionsOf(name: keyof typeof known, text: string): string {
  return text.replace(
    flags,
    (flag: string, no: string | undefined, word: string, value: string | undefined) => {
      const option = word.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (!(option in known[name])) return flag;
      if (no !== undefined) return `\`${option}: false\``;
      return value === undefined ? `\`${option}\`` : `\`${option}: '${value}'\``;
    },
  );
}

// With the name of a signal behind it.
const flags = /(?<![\w-])--(no-)?([a-z]+(?:-[a-z]+)*)(?: ([A-Z]{2,}))?/g;

function unknownOption(name: string, option: string, names: readonly string[]): UsageError {
  const nearest = nearestTo(option, names);
  const remedy = nearest === undefined ? `choose from ${names.join(', ')}` : `did you mean "${nearest}"?`;
  return new UsageError('unknown-option', `"${option}" is not an option of ${name}(): ${remedy}`);
}
