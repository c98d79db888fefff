import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** Where and with what a table was measured. */
export interface Machine {
  readonly kernel: string;
  readonly processor: string;
  readonly cores: number;
  readonly tcpclose: string;
}

export function thisMachine(): Machine {
  return {
    kernel: release(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    tcpclose: JSON.parse(readFileSync('package.json', 'utf8')).version,
  };
}

/** When a run began, and how busy the machine was then. */
export interface Circumstances {
  /** UTC, to the minute. */
  readonly at: string;
  /** The load average of the last minute. */
  readonly loadAverage: number;
}

export function circumstances(): Circumstances {
  const [loadAverage = 0] = loadavg();
  return { at: `${new Date().toISOString().slice(0, 16)}Z`, loadAverage: Math.round(loadAverage * 10) / 10 };
}
