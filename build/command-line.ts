/** The command line of the developers' commands, `npm run <name> -- ...`. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

interface Parsed<Known extends Options> {
  readonly values: ReturnType<typeof parseArgs<{ options: Known }>>['values'];
  readonly positionals: readonly string[];
}

let usage = '';

/**
 * The options and words of a command. `--help` prints the usage, one line, and ends with status 0; a wrong option ends with status 2.
 * @param words whether words may be given beside the options
 */
export function commandLine<const Known extends Options>(
  line: string,
  options: Known,
  words: 'words' | 'no words' = 'no words',
): Parsed<Known> {
  usage = line;
  process.once('uncaughtException', report);
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    console.log(`usage: ${line}`);
    process.exit(0);
  }
  try {
    return parseArgs({ options, allowPositionals: words === 'words' });
  } catch (error) {
    const [first = ''] = (error as Error).message.split('. ');
    return refuse(first.charAt(0).toLowerCase() + first.slice(1));
  }
}

/** Ends the command with status 2, and with one line that says what is wrong, then how it is used. */
export function refuse(message: string): never {
  console.error(`${message} (usage: ${usage})`);
  process.exit(2);
}

/** A number of something, as an option or a word has it. */
export function countOf(text: string, what: string, least = 1): number {
  const count = Number(text);
  if (text.trim() !== '' && Number.isInteger(count) && count >= least) return count;
  return refuse(`"${text}" is not a number of ${what}: give a whole number from ${least} on`);
}

/** Those of the known names that are given; all of them if none is. */
export function chosenFrom<Name extends string>(
  given: readonly string[],
  known: readonly Name[],
  what: string,
): readonly Name[] {
  const unknown = given.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) refuse(`"${unknown}" is not ${what}: choose from ${known.join(', ')}`);
  return given.length === 0 ? known : known.filter((name) => given.includes(name));
}

const statusOf = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Ending = keyof typeof statusOf;
const endings = Object.keys(statusOf) as Ending[];

/** Ctrl-C reaches the command and its children: it ends in one line, after its teardown. */
export class Interrupted extends Error {
  readonly signal: Ending;

  constructor(signal: Ending) {
    super(`interrupted (${signal})`);
    this.signal = signal;
  }
}

/** @throws Interrupted if a signal to this command has ended a child, for which it waited without reading its own signals */
export function unlessInterrupted<
  Child extends { readonly signal: string | null; readonly status: number | null },
>(child: Child): Child {
  const signal = endings.find((name) => child.signal === name || child.status === statusOf[name]);
  if (signal !== undefined) throw new Interrupted(signal);
  return child;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end. The command still handles signals then, so its teardown runs: tsx kills one that does not answer.
 * @throws Interrupted once a signal to the command has ended the program
 */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly timeout?: number } = {},
): Promise<Ended> {
  let arrived: Ending | undefined;
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const relay = (signal: NodeJS.Signals) => {
    arrived = signal as Ending;
    child.kill(signal);
  };
  for (const name of endings) process.on(name, relay);
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (part) => out.push(part));
  child.stderr.on('data', (part) => err.push(part));
  try {
    const [status] = await once(child, 'close');
    if (arrived !== undefined) throw new Interrupted(arrived);
    return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
  } finally {
    for (const name of endings) process.off(name, relay);
  }
}

/** Builds dist, for commands that run it. */
export function buildFirst(): void {
  const { status } = unlessInterrupted(
    spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'inherit', 'inherit'] }),
  );
  if (status !== 0) process.exit(1);
}

function report(error: unknown): void {
  console.error(error instanceof Interrupted ? error.message : error);
  process.exit(error instanceof Interrupted ? statusOf[error.signal] : 1);
}
