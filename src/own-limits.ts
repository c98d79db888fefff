import { textOf } from './proc-files.ts';

/**
 * A limit of this process and its children, by its name in proc_pid_limits(5): a number, or `unlimited`; both are empty where /proc does not
 * say.
 */
export function ownLimit(name: 'Max open files' | 'Max core file size') {
  const line = textOf('/proc/self/limits')
    .split('\n')
    .find((text) => text.startsWith(`${name} `));
  const [soft = '', hard = ''] = line?.slice(name.length).trim().split(/\s+/) ?? [];
  return { soft, hard };
}

/** How many descriptors this process may have. Node raises its soft limit to the hard one when it starts. */
export function mostDescriptors(): number {
  const { soft } = ownLimit('Max open files');
  return /^\d+$/.test(soft) ? Number(soft) : Number.POSITIVE_INFINITY;
}

/** For the largest load of the catalogue, and for what `restart --load` usually asks. */
export const enoughDescriptors = 4096;
