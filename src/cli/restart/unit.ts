import type { Command } from 'commander';

export function addUnitOptions(command: Command): Command {
  return command
    .option(
      '--unit <name>',
      'restart this service of systemd, such as web.service, instead of a command; it is never left stopped',
    )
    .option('--user', 'the service is of your own systemd, as with systemctl --user');
}
