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
import type { RestartOptions } from './restart.ts';
import type { RunOptions } from './run.ts';
import type { ScenarioOptions } from './run-scenario.ts';
import type { SuiteOptions } from './run-suite.ts';
import type { WatchOptions } from './watch.ts';
import type { WhyOptions } from './why.ts';

type Names<Options> = Readonly<Record<keyof Options, true>>;

const following = { onEvent: true, abortSignal: true } as const;
const launching = { launchTimeout: true, onSlowLaunch: true } as const;
const hosts = { ...launching, serverOn: true, clientOn: true } as const;

/** By the name of the function. */
const known = {
  restart: {
    ...following,
    ...{ port: true, socket: true, listenFds: true, clients: true, clientsClose: true, order: true },
    ...{ signal: true, all: true, rounds: true, untilRecovered: true, ready: true, readyHttp: true },
    ...{ watch: true, pidFile: true, cwd: true, env: true, timeout: true, stopTimeout: true, settle: true },
    ...{ load: true, request: true, answer: true, slowRequest: true, path: true, slowPath: true, body: true },
    ...{ tls: true, cacert: true, requestTimeout: true, allowLoss: true, drain: true, preStop: true },
    ...{ reload: true, reloadCommand: true, handover: true, unit: true, user: true },
  } satisfies Names<RestartOptions>,
  idle: {
    ...following,
    ...{ port: true, ready: true, timeout: true, client: true, clientIdle: true, for: true, rate: true },
    ...{ rtt: true, path: true, tls: true, request: true, answerTimeout: true, provoke: true, hold: true },
    ...{ method: true, through: true },
  } satisfies Names<IdleOptions>,
  audit: {
    ...following,
    ...launching,
    ...{ on: true, pid: true, port: true, remote: true, for: true },
    ...(Object.fromEntries(thresholdNames.map((name) => [name, true])) as Names<
      Record<(typeof thresholdNames)[number], unknown>
    >),
  } satisfies Names<AuditOptions>,
  why: {
    ...following,
    ...launching,
    ...{ on: true, host: true, wait: true, kill: true },
  } satisfies Names<WhyOptions>,
  watch: { ...following, ...launching, on: true, for: true, until: true } satisfies Names<WatchOptions>,
  run: { ...following, onStart: true } satisfies Names<RunOptions>,
  runScenario: {
    ...following,
    ...hosts,
    ...{ parameters: true, host: true, port: true, observer: true, network: true, twoHosts: true },
    ...{ packets: true, without: true, beforeStep: true },
  } satisfies Names<ScenarioOptions>,
  runSuite: {
    ...following,
    ...hosts,
    ...{ require: true, repeat: true, shuffle: true, seed: true, slow: true, jobs: true, timeout: true },
    ...{ host: true, twoHosts: true, observer: true },
  } satisfies Names<SuiteOptions>,
  claims: {
    ...following,
    ...{ slow: true, observer: true, jobs: true, compare: true, evidence: true, timeout: true },
  } satisfies Names<ClaimsOptions>,
  doctor: following satisfies Names<DoctorOptions>,
  merge: { ...following, byFile: true } satisfies Names<MergeOptions>,
  matrix: following satisfies Names<MatrixOptions>,
  freePort: { host: true } satisfies Names<{ readonly host?: string }>,
  leftSockets: { within: true, except: true } satisfies Names<LeftOptions>,
};

/**
 * For callers without types: a misspelt option would be left out, and the verdict would be about something else.
 * @throws UsageError `unknown-option`
 */
export function refuseUnknown(name: keyof typeof known, options: object = {}): void {
  const names = Object.keys(known[name]);
  const unknown = Object.keys(options).find((option) => !names.includes(option));
  if (unknown === undefined) return;
  const nearest = nearestTo(unknown, names);
  const remedy = nearest === undefined ? `choose from ${names.join(', ')}` : `did you mean "${nearest}"?`;
  throw new UsageError('unknown-option', `"${unknown}" is not an option of ${name}(): ${remedy}`);
}
