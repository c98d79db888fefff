import type { Command } from 'commander';
import { endpointOf } from '../../api/addresses.ts';
import { anySignal } from '../../api/trials.ts';

export function addReloadOptions(command: Command): Command {
  return command
    .option(
      '--reload <signal>',
      'send this signal, such as HUP, instead of restarting, and account for each request of a load',
      anySignal,
    )
    .option(
      '--reload-command <command>',
      "reload by this shell command, such as 'kill -HUP $MAINPID'; $MAINPID is the pid of the server",
    )
    .option(
      '--handover [signal]',
      'start the server again while it serves a load, and stop the first start when the second one listens; with a signal, such as USR2, the server starts its successor itself',
      (text: string) => anySignal(text),
    )
    .option(
      '--listen-fds <[address:]port>',
      'open this listener, keep it across both starts, and pass it to each as systemd does (LISTEN_FDS; address default: 127.0.0.1)',
      (text: string) => {
        endpointOf(text);
        return text;
      },
    );
}
