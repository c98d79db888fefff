import { TcpcloseError } from '../errors.ts';
import type { Host } from './host.ts';

/** Writes a file of /proc/sys in a host's network, and reads it back: some values are refused in silence, or changed. */
export async function writeSetting(host: Host, path: string, value: string): Promise<void> {
  // Tabs separate what has several values.
  const script = 'echo "$2" > "$1" && [ "$(tr "\\t" " " < "$1")" = "$2" ]';
  const { exitCode, stderr } = await host.run(['sh', '-c', script, 'sh', path, value]);
  if (exitCode === 0) return;
  const why = stderr.trim() || 'the value did not take';
  throw new TcpcloseError(
    'no-setting',
    `${path} cannot be set to "${value}" (${why}): this kernel may not have it`,
  );
}
