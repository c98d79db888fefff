export interface Room {
  readonly width: number;
  /** Where the bars begin. */
  readonly left: number;
  /** Whether the names of the bars are beside them; on a narrow screen they are above. */
  readonly beside: boolean;
}

/** The width of a picture on this screen. */
export function roomFor(left: number, most: number): Room {
  const width = Math.max(300, Math.min(most, pageWidth()));
  return width < left + 320 ? { width, left: 4, beside: false } : { width, left, beside: true };
}

function pageWidth(): number {
  const page = document.getElementById('page') ?? document.body;
  const { paddingLeft, paddingRight } = getComputedStyle(page);
  return Math.floor(page.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight));
}
