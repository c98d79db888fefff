import type { SuiteEvent } from '../../events.ts';
import type { Paint } from '../paint.ts';
import type { Output } from '../reporter.ts';

export interface SuiteReporter {
  on(event: SuiteEvent): void;
}

/** Where a reporter writes, and how. */
export interface ReporterContext {
  readonly output: Output;
  readonly paint: Paint;
  /** `moving`: progress may be drawn on standard error, and taken away again. */
  readonly progress: 'moving' | 'none';
}

type CreateReporter = (context: ReporterContext) => SuiteReporter;

/** By the names that --reporter takes; each is loaded when it is chosen. */
const reporters = {
  live: async (): Promise<CreateReporter> => {
    const { SuiteLive } = await import('./live.ts');
    return (context) => new SuiteLive(context);
  },
  json: async (): Promise<CreateReporter> => {
    const { SuiteJson } = await import('../documents/suite.ts');
    return ({ output }) => new SuiteJson(output);
  },
  ndjson: async (): Promise<CreateReporter> => {
    const { Ndjson } = await import('./ndjson.ts');
    return ({ output }) => new Ndjson(output);
  },
  tap: async (): Promise<CreateReporter> => {
    const { Tap } = await import('./tap.ts');
    return ({ output }) => new Tap(output);
  },
  junit: async (): Promise<CreateReporter> => {
    const { Junit } = await import('./junit.ts');
    return ({ output }) => new Junit(output);
  },
};

export type ReporterName = keyof typeof reporters;
export const reporterNames = Object.keys(reporters) as ReporterName[];

export async function createReporter(name: ReporterName, context: ReporterContext): Promise<SuiteReporter> {
  const create = await reporters[name]();
  return create(context);
}
