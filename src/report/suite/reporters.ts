import type { SuiteEvent } from '../../events.ts';
import type { Paint } from '../paint.ts';
import type { Output } from '../reporter.ts';
import type { ReporterName } from '../reporters.ts';

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

/** Each is loaded when it is chosen. */
const reporters = {
  text: async (): Promise<CreateReporter> => {
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
  github: async (): Promise<CreateReporter> => {
    const { Github } = await import('./github.ts');
    return ({ output }) => new Github(output);
  },
} satisfies Record<ReporterName, () => Promise<CreateReporter>>;

export async function createReporter(name: ReporterName, context: ReporterContext): Promise<SuiteReporter> {
  const create = await reporters[name]();
  return create(context);
}
