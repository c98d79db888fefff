import { dirname } from 'node:path';
import type { UnixDiagnosis } from '../unix/unix-diagnosis.ts';
import type { Code } from './languages.ts';
import type { Shell } from './shell.ts';
import { codeStep, type Step, step } from './step.ts';
import { stopSteps } from './stop.ts';

/** Removing a stale file before bind(). */
const unlinkCode: Code = {
  Node: 'fs.rmSync(path, { force: true }) before listen(path), after a connect() has failed with ECONNREFUSED',
  Python: 'os.unlink(path) before bind(), after a connect() has failed with ECONNREFUSED',
  Go: 'os.Remove(path) before net.Listen("unix", path), after a Dial has failed with ECONNREFUSED',
  Java: 'Files.deleteIfExists(path) before bind(), after a connect() has failed with ECONNREFUSED',
  C: 'unlink(path) before bind(), after a connect() has failed with ECONNREFUSED',
  nginx: 'nothing to change: end it by "nginx -s quit", so that it removes its sockets',
};

/** How to get the name of a Unix socket, best way first. */
export function unixAdvice(diagnosis: UnixDiagnosis, shell: Shell): Step[] {
  const { verdict, raw, holders, removable, bind } = diagnosis;
  const processes = holders.flatMap((holder) => holder.processes);
  switch (verdict) {
    case 'free':
      return [];
    case 'forbidden':
      return [whereItMayBe(dirname(raw), bind, shell)];
    case 'another file':
      return [
        step('choose another path, or move the file away', shell.command('own', ['ls', '-ld', '--', raw])),
      ];
    case 'unknown':
      return [step('find out as root', shell.tcpclose('root', 'why', raw))];
    case 'stale':
      return [
        step('remove the file', shell.command(removable ? 'own' : 'root', ['rm', '--', raw])),
        codeStep('have the server remove it when it starts', unlinkCode),
      ];
    case 'held':
      return processes.length === 0
        ? [step('find out as root', shell.tcpclose('root', 'why', raw))]
        : stopSteps(processes, null, shell);
  }
}

function whereItMayBe(folder: string, errno: string | null, shell: Shell): Step {
  switch (errno) {
    case 'ENOENT':
      return step('make its folder', shell.command('own', ['mkdir', '-p', '--', folder]));
    case 'EACCES':
      return step(
        'choose a folder that this user may write to, or start the server as a user who may write to this one',
        shell.command('own', ['ls', '-ld', '--', folder]),
      );
    case 'EINVAL':
      return step(
        'choose a shorter path; a program that enters the folder may bind the name of the file alone',
      );
    default:
      return step('choose another path');
  }
}
