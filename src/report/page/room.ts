export interface Room {
  readonly width: number;
  /** Where the bars begin. */
  readonly left: number;
  /** Whether the names of the bars stand beside them; above them on a narrow screen. */
  readonly beside: boolean;
}

/** How wide a picture is on this screen. */
export function roomFor(left: number, most: number): Room {
  const width = Math.max(300, Math.min(most, document.documentElement.clientWidth - 40));
  return width < left + 320 ? { width, left: 4, beside: false } : { width, left, beside: true };
}
