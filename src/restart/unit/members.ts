import { existsSync } from 'node:fs';
import { type Process, readProcess, readProcesses } from '../../observe/processes.ts';
import { entriesOf, textOf } from '../../proc-files.ts';

/** Where systemd's hierarchy is mounted: cgroup v2; v2 beside v1; or v1. */
const mounts = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

/** The living processes of a control group, and of those below it. */
export function processesOf(controlGroup: string): Process[] {
  if (controlGroup === '') return [];
  const mount = mounts.find((mount) => existsSync(`${mount}/cgroup.procs`));
  const pids = mount === undefined ? pidsByProc(controlGroup) : pidsIn(`${mount}${controlGroup}`);
  return pids.flatMap((pid) => readProcess(pid) ?? []).filter(({ state }) => state === 'alive');
}

function pidsIn(folder: string): number[] {
  const own = textOf(`${folder}/cgroup.procs`).split('\n').filter(Boolean).map(Number);
  const below = entriesOf(folder).filter((name) => existsSync(`${folder}/${name}/cgroup.procs`));
  // A process of another pid namespace is listed as 0.
  return [...own.filter((pid) => pid > 0), ...below.flatMap((name) => pidsIn(`${folder}/${name}`))];
}

function pidsByProc(controlGroup: string): number[] {
  const isIn = (pid: number) =>
    textOf(`/proc/${pid}/cgroup`)
      .split('\n')
      .some((line) => line.endsWith(`:${controlGroup}`) || line.includes(`:${controlGroup}/`));
  return [...readProcesses().keys()].filter(isIn);
}
