/** Colours by meaning. Without colour every function returns its text unchanged. */
export interface Paint {
  title(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  faint(text: string): string;
  /** For something that ends, such as a FIN among other segments. */
  ending(text: string): string;
}

export const plain: Paint = {
  title: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  faint: (text) => text,
  ending: (text) => text,
};

/** `auto`: colour on a terminal, unless the environment says otherwise. */
export async function createPaint(choice: 'auto' | 'never', isTerminal: boolean): Promise<Paint> {
  if (choice === 'never' || !wantsColor(isTerminal)) return plain;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  // chalk's own functions join all their arguments, so lines.map(chalk.dim) would print numbers and arrays too.
  return {
    title: (text) => chalk.bold(text),
    good: (text) => chalk.green(text),
    bad: (text) => chalk.red(text),
    faint: (text) => chalk.dim(text),
    // Readable on a dark and on a light background.
    ending: (text) => chalk.magenta(text),
  };
}

/**
 * NO_COLOR, set to anything, turns colours off (no-color.org). FORCE_COLOR turns them on without a terminal, as in CI, and off as `0` or
 * `false` (as chalk reads it). Otherwise a terminal has colours, unless it is dumb.
 */
function wantsColor(isTerminal: boolean): boolean {
  const { NO_COLOR = '', FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}
