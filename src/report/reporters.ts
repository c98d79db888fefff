import type { CreateReporter, Reporter, ReporterContext } from './reporter.ts';

/** The formats that are the same for every command. Each is loaded when chosen. */
const formats = {
  json: async () => (await import('./json.ts')).json,
  ndjson: async () => (await import('./json.ts')).ndjson,
  tap: async () => (await import('./tap.ts')).tap,
  junit: async () => (await import('./junit.ts')).junit,
  html: async () => (await import('./rendered.ts')).html,
  markdown: async () => (await import('./rendered.ts')).markdown,
  svg: async () => (await import('./rendered.ts')).svg,
  trace: async () => (await import('./rendered.ts')).trace,
  github: async () => (await import('./github.ts')).github,
} as const satisfies Record<string, () => Promise<CreateReporter>>;

/**
 * By the names that --reporter takes, in the order of help. The first two are for people, and differ between commands: `live` may draw
 * progress and page its output on a terminal, `text` only prints lines.
 */
export type ReporterName = 'live' | 'text' | keyof typeof formats;
export const reporterNames = ['live', 'text', ...Object.keys(formats)] as readonly ReporterName[];

export function isForPeople(name: ReporterName): name is 'live' | 'text' {
  return name === 'live' || name === 'text';
}

export async function createReporter<Event, Document>(
  name: ReporterName,
  text: CreateReporter<Event, Document>,
  context: ReporterContext,
): Promise<Reporter<Event, Document>> {
  const create = isForPeople(name) ? text : await formats[name]();
  return create(name === 'text' ? { ...context, progress: 'none' } : context);
}

/** A reporter that passes everything to all of them. */
export function allOf<Event, Document>(
  reporters: readonly Reporter<Event, Document>[],
): Required<Reporter<Event, Document>> {
  const each = (tell: (reporter: Reporter<Event, Document>) => void) => {
    for (const reporter of reporters) tell(reporter);
  };
  return {
    onBegin: (cases) => each((reporter) => reporter.onBegin?.(cases)),
    onEvent: (event) => each((reporter) => reporter.onEvent?.(event)),
    onLine: (line) => each((reporter) => reporter.onLine?.(line)),
    onCase: (result) => each((reporter) => reporter.onCase?.(result)),
    onEnd: (document, ending) => each((reporter) => reporter.onEnd?.(document, ending)),
    onError: (error) => each((reporter) => reporter.onError?.(error)),
  };
}
