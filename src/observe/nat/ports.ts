export type PortSpan = readonly [low: number, high: number];

export function isCovered(port: number, spans: readonly PortSpan[]): boolean {
  return spans.some(([low, high]) => port >= low && port <= high);
}

export function outsideOf(spans: readonly PortSpan[]): PortSpan[] {
  let from = 0;
  const found: PortSpan[] = [];
  for (const [low, high] of [...spans].sort(([a], [b]) => a - b)) {
    if (low > from) found.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  return from > 65_535 ? found : [...found, [from, 65_535]];
}

/** `80, 8000-8010`. */
export function textOfSpans(spans: readonly PortSpan[]): string {
  return spans.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join(', ');
}
