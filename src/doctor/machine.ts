import { availableParallelism, release } from 'node:os';
import { decisiveSettings } from '../observe/machine.ts';
import { hidesDescriptors } from '../observe/proc/holders.ts';
import { ownSysctl } from '../observe/sysctl.ts';
import { enoughDescriptors, mostDescriptors, ownLimit } from '../own-limits.ts';
import { entriesOf, textOf } from '../proc-files.ts';
import { available, type Check, type Found, limited, missing } from './check.ts';

export const node: Check = {
  name: 'Node',
  costs: 'older releases are not tested',
  look() {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const version = `${process.version}, ${process.arch}, ${availableParallelism()} cores`;
    return major > 20 || (major === 20 && minor >= 5)
      ? available(version)
      : missing(`${version}: install Node 20.5 or later`);
  },
};

export const kernel: Check = {
  name: 'kernel',
  costs: 'before Linux 5.5 the calls of a server cannot be watched',
  look: () => available(`Linux ${release()}`),
};

/** Whether other users' processes are visible, and what they hold. */
export const processes: Check = {
  name: "other users' processes",
  costs: 'why, watch and audit cannot name who holds a socket, and say so',
  look(): Found {
    const pids = entriesOf('/proc').filter((name) => /^\d+$/.test(name));
    if (pids.length === 0) return missing('/proc is not mounted: mount it');
    if (!pids.includes('1')) return limited('/proc hides them (hidepid): run as root to see them');
    // A kernel thread, which has no command line, hides nothing.
    const closed = pids.filter(
      (pid) => textOf(`/proc/${pid}/cmdline`) !== '' && hidesDescriptors(Number(pid)),
    ).length;
    return closed === 0
      ? available(`the descriptors of all ${pids.length} processes can be read`)
      : limited(
          `the descriptors of ${closed} of ${pids.length} processes cannot be read: run as root to see them`,
        );
  },
};

export const descriptors: Check = {
  name: 'limit of descriptors',
  costs: 'a load with that many connections fails with EMFILE',
  look() {
    const { soft, hard } = ownLimit('Max open files');
    const detail = `${soft}, at most ${hard}`;
    return mostDescriptors() >= enoughDescriptors
      ? available(detail)
      : limited(`${detail}: raise it with "ulimit -n ${enoughDescriptors}"`);
  },
};

/** The settings that decide how connections end here. tcpclose never changes them. */
export const settings: readonly Check[] = decisiveSettings.map((name) => ({
  name,
  costs: '"tcpclose explain" cannot show its value',
  look() {
    const value = ownSysctl(name);
    return value === '' ? missing(`${name} cannot be read in /proc/sys`) : available(value);
  },
}));
