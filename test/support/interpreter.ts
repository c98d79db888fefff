import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

/** Puts the folder of the real Python first in PATH: the shims of pyenv start a dozen processes before it, for each server of a test. */
export default function findInterpreter(): void {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  if (stdout) process.env['PATH'] = `${dirname(stdout.trim())}:${process.env['PATH']}`;
}
