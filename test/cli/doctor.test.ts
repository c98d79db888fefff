import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DoctorDocument } from '../../src/report/documents/doctor.ts';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { asNobody, isRoot, missing, noRoot } from '../support/machine.ts';
import { Program, readProc, tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { unless } from '../support/skips.ts';
import { until } from '../support/until.ts';

type Options = NonNullable<Parameters<typeof tcpclose>[1]>;
type Check = DoctorDocument['groups'][number]['checks'][number];

async function doctor(
  options: Options = {},
): Promise<{ document: DoctorDocument; find(name: string): Check }> {
  const { stdout, stderr, status } = await tcpclose(['doctor', '--json'], options);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const document = JSON.parse(stdout) as DoctorDocument;
  expect(schemaErrors('doctor', document)).toEqual([]);
  const checks = document.groups.flatMap(({ checks }) => checks);
  return {
    document,
    find(name) {
      const check = checks.find((check) => check.name.includes(name));
      if (check === undefined) throw new Error(`no check of ${name}`);
      return check;
    },
  };
}

describe('doctor', () => {
  test('shows what this machine has, as others read it', async () => {
    const { find, document } = await doctor();
    expect(find('Node').detail).toContain(process.version);
    expect(find('kernel').detail).toBe(`Linux ${release()}`);
    expect(find('tcp_fin_timeout').detail).toBe(readProc('sys/net/ipv4/tcp_fin_timeout').trim());
    const all = document.groups.flatMap(({ checks }) => checks.map(({ state }) => state));
    expect(document.verdict).toBe(all.every((state) => state === 'available') ? 'complete' : 'limited');
  });

  test('a missing program is named, with the features that need it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'without-ss-'));
    symlinkSync(process.execPath, join(folder, 'node'));
    try {
      const { find, document } = await doctor({ env: { PATH: folder } });
      expect(document.verdict).toBe('limited');
      expect(find('observer ss')).toMatchObject({
        state: 'missing',
        detail: expect.stringContaining('iproute2'),
      });
      expect(find('observer netstat').state).toBe('missing');
      expect(find('observer /proc').state).toBe('available');
      expect(find('observer sock_diag').state).toBe('available');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a low limit of descriptors is limited, with the command that raises it', async () => {
    const { find } = await doctor({ prefix: ['sh', '-c', 'ulimit -n 512; exec "$@"', 'sh'] });
    expect(find('limit of descriptors')).toMatchObject({
      state: 'limited',
      detail: '512, at most 512: raise it with "ulimit -n 4096"',
    });
  });

  test('what cannot be tried is missing, and the rest is still tried', async (context) => {
    const why = await whyUnmet('namespace');
    if (why !== null) return context.skip(why);
    const own = ['unshare', '--mount', ...(isRoot ? [] : ['--user', '--map-root-user'])];
    const change = 'mount -t proc -o subset=pid proc /proc && exec "$@"';
    const { find } = await doctor({ prefix: [...own, 'sh', '-c', change, 'sh'] });
    expect(find('core dump')).toMatchObject({
      state: 'missing',
      detail: expect.stringContaining('/proc/sys/kernel/core_pattern cannot be read (ENOENT): mount /proc'),
    });
    expect(find('system calls').state).toBe('available');
  });

  test('Ctrl-C ends it at once, whatever hangs', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'hanging-ss-'));
    writeFileSync(join(bin, 'ss'), '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
    try {
      const program = new Program(['doctor'], { env: { PATH: `${bin}:${process.env['PATH']}` } });
      await until('ss', () => program.processes().some((line) => line.includes('sleep')));
      const interruptedAt = performance.now();
      program.child.kill('SIGINT');
      expect((await program.finished()).status).toBe(130);
      // The deadline of ss itself is 30 s.
      expect(performance.now() - interruptedAt).toBeLessThan(15_000);
      expect(await program.leftAfter(5000)).toEqual([]);
    } finally {
      rmSync(bin, { recursive: true });
    }
  });

  test('what a user may not see is limited', unless(noRoot), async () => {
    const { find } = await doctor({ prefix: asNobody });
    expect(find("other users' processes")).toMatchObject({
      state: 'limited',
      detail: expect.stringMatching(/^the descriptors of \d+ of \d+ processes cannot be read: run as root/),
    });
    expect(find('every state').detail).not.toContain('tracepoints');
  });

  test('root sees the processes of all', unless(noRoot ?? missing('perl')), async () => {
    // It has no descriptor, as a process that is about to end.
    const bare = spawn('perl', ['-MPOSIX', '-e', 'POSIX::close($_) for 0 .. 255; pause']);
    try {
      await until('it to have none', () => readdirSync(`/proc/${bare.pid}/fd`).length === 0);
      expect((await doctor()).find("other users' processes").state).toBe('available');
    } finally {
      bare.kill('SIGKILL');
    }
  });
});
