/** A sheet of A4 between the margins of page.css, in pixels of CSS; one of US Letter is wider, and lower by a fifteenth. */
export const paper = { width: 685, height: 1010 };

let printed = false;
window.addEventListener('beforeprint', () => {
  printed = true;
});
window.addEventListener('afterprint', () => {
  printed = false;
});

export interface Room {
  readonly width: number;
  /** Where the bars begin. */
  readonly left: number;
  /** Whether the names of the bars are beside them; on a narrow screen they are above. */
  readonly beside: boolean;
}

export function isPrinted(): boolean {
  return printed;
}

/** The width of a picture on this screen, or on paper. */
export function roomFor(left: number, most: number): Room {
  const width = Math.max(300, Math.min(most, pageWidth()));
  return width < left + 320 ? { width, left: 4, beside: false } : { width, left, beside: true };
}

function pageWidth(): number {
  if (printed) return paper.width;
  const page = document.getElementById('page') ?? document.body;
  const { paddingLeft, paddingRight } = getComputedStyle(page);
  return Math.floor(page.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight));
}
