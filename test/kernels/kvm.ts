import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { libcFunction } from '../../src/native/koffi.ts';

/** KVM_CREATE_VM of <linux/kvm.h>. */
const createVm = 0xae01;

/**
 * Whether virtual machines run at the speed of this machine, which Debian's own cloud kernels would need: a device that is there
 * may still refuse. Says so in a line.
 */
export function probeVirtualMachine(): string {
  const why = whyNone();
  return why === null
    ? 'KVM works here: cloud kernels could be tried as well, which this command does not do yet'
    : `cloud kernels are skipped: ${why}`;
}

function whyNone(): string | null {
  let device: number;
  try {
    device = openSync('/dev/kvm', constants.O_RDWR);
  } catch (error) {
    return `/dev/kvm cannot be opened (${(error as NodeJS.ErrnoException).code})`;
  }
  try {
    const ioctl = libcFunction<[number, number, number], number>(
      'int ioctl(int fd, unsigned long request, long value)',
    );
    const machine = ioctl(device, createVm, 0);
    if (machine < 0) return '/dev/kvm makes no virtual machine (KVM_CREATE_VM fails)';
    closeSync(machine);
  } finally {
    closeSync(device);
  }
  const { error } = spawnSync('qemu-system-x86_64', ['--version'], { stdio: 'ignore' });
  return error === undefined ? null : 'qemu-system-x86_64 is missing: install qemu-system-x86';
}
