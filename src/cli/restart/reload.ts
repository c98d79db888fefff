import type { Command } from 'commander';
import { endpointOf } from '../../api/addresses.ts';
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
      '--handover [signal]',
      'start it again while it serves, and stop the first start when the second one listens, under a load; with a signal, such as USR2, the server starts its successor itself',
      (text: string) => anySignal(text),
    )
    .option(
      '--listen-fds <[address:]port>',
      'open this listener, keep it over both starts, and pass it to each as systemd does (LISTEN_FDS; address default: 127.0.0.1)',
      (text: string) => {
        endpointOf(text);
        return text;
      },
    );
}
