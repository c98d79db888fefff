/** Colours by meaning. Without colour every function gives its text back as it is. */
export interface Paint {
  title(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  faint(text: string): string;
}

const plain: Paint = {
  title: (text) => text,
  good: (text) => text,
  bad: (text) => text,
  faint: (text) => text,
};

export type ColorChoice = 'auto' | 'never';

/** `auto`: colour on a terminal, unless NO_COLOR is set to anything (no-color.org) or TERM is dumb. */
export async function createPaint(choice: ColorChoice, isTerminal: boolean): Promise<Paint> {
  const { NO_COLOR = '', TERM } = process.env;
  if (choice === 'never' || !isTerminal || NO_COLOR !== '' || TERM === 'dumb') return plain;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return { title: chalk.bold, good: chalk.green, bad: chalk.red, faint: chalk.dim };
}
