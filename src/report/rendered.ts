import { htmlPage } from './html.ts';
import { type AnyKind, kindOf } from './kinds/kinds.ts';
import type { CreateReporter, ReporterContext } from './reporter.ts';

/** Documents that are shown on one page. */
export class SideBySide {
  readonly documents: readonly [unknown, ...unknown[]];

  constructor(documents: readonly [unknown, ...unknown[]]) {
    this.documents = documents;
  }
}

/** Formats that show the document of a command at its end: a renderer for each kind of document. */
export const html = rendering((kind, shown, remarks) => {
  const documents = shown instanceof SideBySide ? shown.documents : ([shown] as const);
  const page = kind.page?.(documents);
  return page === undefined ? '' : htmlPage(page, kind.title(documents[0]), remarks);
});
export const markdown = rendering((kind, document) => `${kind.markdown(document).join('\n').trimEnd()}\n`);
export const svg = rendering((kind, document) => kind.svg?.(document) ?? '');
export const trace = rendering((kind, document) => kind.trace?.(document) ?? '');

function rendering(
  render: (kind: AnyKind, document: unknown, remarks: readonly string[]) => string,
): CreateReporter {
  return async ({ command, output }: ReporterContext) => {
    const kind = await kindOf(command);
    return {
      onEnd: (document, { remarks }) =>
        kind === undefined ? undefined : output.write(render(kind, document, remarks ?? [])),
    };
  };
}
