const most = 240;

/** JSON in which what is short has a line for itself, so that a change shows as the lines that changed. */
export function asLines(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value);
  if (flat.length <= most || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent} `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = Array.isArray(value)
    ? value.map((part) => asLines(part, inner))
    : Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${asLines(part, inner)}`);
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}
