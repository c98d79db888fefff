/** What must not be in anything that was read: numbers that are none, and ports that there are not. Gives the first with its path. */
export function impossible(value: unknown, path = ''): string | null {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return `${path} is ${value}`;
    const isPort = /port$/i.test(path) && !(Number.isInteger(value) && value >= 0 && value <= 65_535);
    return isPort ? `${path} is ${value}` : null;
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return null;
  const entries = value instanceof Map ? value.entries() : Object.entries(value);
  for (const [key, inner] of entries) {
    const found = impossible(inner, `${path}.${String(key)}`);
    if (found !== null) return found;
  }
  return null;
}

/** A reader refuses by an error of its own; what Node or the language throws is a crash. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code } = error as NodeJS.ErrnoException;
  if (name === 'TcpcloseError' || name === 'UsageError' || name === 'SystemCallError') return true;
  return error instanceof RangeError && code === undefined && /netlink|inet_diag/.test(error.message);
}
