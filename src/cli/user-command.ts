/** What commands that start the user's server have in common. */

export function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

export function withCountdown(what: string, endsAt: number | undefined): string {
  if (endsAt === undefined) return what;
  const seconds = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
  return seconds === 0 ? what : `${what}: ${seconds} s left`;
}

const keptLines = 20;

export function lastLines(output: string): string {
  return output.trim() === '' ? '' : `${output.trimEnd().split('\n').slice(-keptLines).join('\n')}\n`;
}
