import { thresholdNames } from '../audit/thresholds.ts';
import { UsageError } from '../errors.ts';
import { nearestTo } from '../nearest.ts';
import type { AuditOptions } from './audit.ts';
import type { IdleOptions } from './idle.ts';
import type { RestartOptions } from './restart.ts';
import type { WhyOptions } from './why.ts';

type Names<Options> = Readonly<Record<keyof Options, true>>;

const following = { onEvent: true, abortSignal: true } as const;
const launching = { launchTimeout: true, onSlowLaunch: true, on: true } as const;

/** The options of the functions whose verdict a test may rely on. */
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
    ...{ pid: true, port: true, remote: true, for: true },
    ...(Object.fromEntries(thresholdNames.map((name) => [name, true])) as Names<
      Record<(typeof thresholdNames)[number], unknown>
    >),
  } satisfies Names<AuditOptions>,
  why: { ...following, ...launching, host: true, wait: true, kill: true } satisfies Names<WhyOptions>,
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
