import { Command, Option } from 'commander';
import { packageVersion } from '../package.ts';
import { pageWidth } from '../report/columns.ts';
import { writeWhole } from '../write-whole.ts';
import { type CommandEntry, commonGroup, type Invocation } from './command-entry.ts';
import { commands } from './commands.ts';
import { commandFooter, programFooter } from './help.ts';
import { nameInErrors } from './option-errors.ts';

/** All commands as commander knows them. Only the chosen one is loaded, so help is fast. */
export async function programOf(
  chosen: string | undefined,
  invocation: Omit<Invocation, 'commands'>,
): Promise<Command> {
  const program = strict(new Command('tcpclose'))
    .description(
      'A laboratory for the end of TCP connections. It reports only what it has just observed on your kernel.',
    )
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', programFooter)
    .configureHelp({ subcommandTerm, minWidthToWrap: 20 })
    .helpCommand(false);
  for (const entry of commands) {
    const command = added(program, entry);
    if (entry.name !== chosen) continue;
    invocation.interruption.watchOutput();
    const { define } = await entry.load();
    await define(command.description(entry.summary), { ...invocation, commands });
    nameInErrors(command.options);
  }
  return program;
}

function added(program: Command, entry: CommandEntry): Command {
  const { name, synopsis, parameters = synopsis, summary, hidden = false } = entry;
  return strict(program.command(`${name} ${parameters}`.trimEnd(), { hidden }).summary(summary))
    .usage(`[options] ${synopsis}`.trimEnd())
    .addHelpOption(new Option('-h, --help', 'print help').helpGroup(commonGroup))
    .addHelpText('after', commandFooter(entry));
}

function subcommandTerm(command: Command): string {
  const synopsis = commands.find(({ name }) => name === command.name())?.synopsis ?? '';
  return `${command.name()} ${synopsis}`.trimEnd();
}

/** Errors become exceptions; help is printed without the streams, which take 5 ms to set up. */
function strict(command: Command): Command {
  // By default commander does not wrap descriptions to less than 40 columns.
  return command
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride()
    .configureOutput({
      writeErr: () => {},
      writeOut: (text) => writeWhole(1, text),
      getOutHelpWidth: pageWidth,
    });
}
