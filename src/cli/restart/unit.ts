import type { Command } from 'commander';

export function addUnitOptions(command: Command): Command {
  return command
    .option(
      '--unit <name>',
      'restart this systemd service, such as web.service, instead of a command; it is never left stopped',
    )
    .option('--user', 'use your own systemd instance, as systemctl --user does');
}
