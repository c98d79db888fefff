import { spawnSync } from 'node:child_process';

/** Whether a program is installed; /usr/sbin is where some of them are, and not in everybody's path. */
export function installed(program: string): boolean {
  const path = `${process.env['PATH']}:/usr/sbin:/sbin`;
  return (
    spawnSync('sh', ['-c', `command -v ${program}`], { env: { ...process.env, PATH: path } }).status === 0
  );
}

export const isRoot = process.getuid?.() === 0;

/** Put before a command, it runs it as a user without any rights; only root can. */
export const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;
