import type { Command } from 'commander';
import { anySignal } from '../../api/trials.ts';

export function addReloadOptions(command: Command): Command {
  return command
    .option(
      '--reload <signal>',
      'keep the server, send it this signal, such as HUP, and account for each request of a load meanwhile',
      anySignal,
    )
    .option(
      '--reload-command <command>',
      "the same by a command of a shell, such as 'kill -HUP $MAINPID'; $MAINPID is the pid of the server",
    )
    .option(
      '--handover',
      'start it again while it serves, and stop the first start when the second one listens (SO_REUSEPORT), under a load',
    );
}
