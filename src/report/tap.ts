import { type Case, factLines } from './ci.ts';
import { type Reporter, type ReporterContext, writeLines } from './reporter.ts';

/** The Test Anything Protocol, version 14: a test point for each case. */
export function tap({ output }: ReporterContext): Reporter {
  let heading = ['TAP version 14'];
  let number = 0;
  const write = (lines: readonly string[]) => {
    writeLines(output, [...heading, ...lines]);
    heading = [];
  };
  const bailOut = (why: string) => write([`Bail out! ${escapeTap(why)}`]);
  return {
    onBegin: (cases) => write([`1..${cases}`]),
    onCase: (result) => write(pointOf(result, ++number)),
    onEnd: (_, { cutShort }) => {
      if (cutShort !== null) bailOut(cutShort);
    },
    onError: ({ message }) => bailOut(message),
  };
}

function pointOf({ title, result, facts }: Case, number: number): string[] {
  const isFine = result.state === 'passed' || result.state === 'skipped';
  const directive = result.state === 'skipped' ? ` # SKIP ${escapeTap(result.reason)}` : '';
  const diagnosis = factLines(facts).map((line) => `  ${line}`);
  return [
    `${isFine ? 'ok' : 'not ok'} ${number} - ${escapeTap(title)}${directive}`,
    ...(diagnosis.length === 0 ? [] : ['  ---', ...diagnosis, '  ...']),
  ];
}

function escapeTap(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('#', '\\#').replaceAll('\n', ' ');
}
