import { UsageError } from '../errors.ts';
import { htmlPage } from './html.ts';
import { type AnyKind, kindNames, kindOf } from './kinds/kinds.ts';
import type { CreateReporter, ReporterContext } from './reporter.ts';

/** Documents that are shown on one page. */
export class SideBySide {
  readonly documents: readonly [unknown, ...unknown[]];

  constructor(documents: readonly [unknown, ...unknown[]]) {
    this.documents = documents;
  }
}

/** Formats that show the document of a command, when all is over: a renderer for each kind of document. */
export const html = rendering(
  'html',
  (kind, shown, remarks) => {
    const documents = shown instanceof SideBySide ? shown.documents : ([shown] as const);
    const page = kind.page?.(documents);
    return page === undefined ? '' : htmlPage(page, kind.title(documents[0]), remarks);
  },
  ({ page }) => page !== undefined,
);
export const markdown = rendering(
  'markdown',
  (kind, document) => `${kind.markdown(document).join('\n').trimEnd()}\n`,
);
export const svg = rendering(
  'svg',
  (kind, document) => kind.svg?.(document) ?? '',
  ({ svg }) => svg !== undefined,
);

export const trace = rendering(
  'trace',
  (kind, document) => kind.trace?.(document) ?? '',
  ({ trace }) => trace !== undefined,
);

function rendering(
  format: string,
  render: (kind: AnyKind, document: unknown, remarks: readonly string[]) => string,
  suits: (kind: AnyKind) => boolean = () => true,
): CreateReporter {
  return async ({ command, output }: ReporterContext) => {
    const kind = await kindOf(command);
    if (kind === undefined || !suits(kind)) throw await cannot(format, command, suits);
    return {
      onEnd: (document, { remarks }) => output.write(render(kind, document, remarks ?? [])),
    };
  };
}

/** @throws UsageError when a command has no results for CI */
export async function requireCases(format: string, command: string): Promise<void> {
  const hasCases = ({ cases }: AnyKind) => cases !== undefined;
  const kind = await kindOf(command);
  if (kind !== undefined && !hasCases(kind)) throw await cannot(format, command, hasCases);
}

async function cannot(
  format: string,
  command: string,
  suits: (kind: AnyKind) => boolean,
): Promise<UsageError> {
  const kinds = await Promise.all(kindNames.map(async (name) => ({ name, kind: await kindOf(name) })));
  const names = kinds.filter(({ kind }) => kind !== undefined && suits(kind)).map(({ name }) => name);
  return new UsageError(
    'bad-reporter',
    `--reporter ${format} does not show the results of ${command}: use it with ${names.join(', ')}`,
  );
}
