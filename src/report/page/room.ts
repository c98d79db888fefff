import { type Room, roomOf } from '../drawing/parts.ts';

/** A sheet of A4 between the margins of styles/print.css, in pixels of CSS; one of US Letter is wider, and lower by a fifteenth. */
export const paper = { width: 685, height: 1010 };

let printed = false;
window.addEventListener('beforeprint', () => {
  printed = true;
});
window.addEventListener('afterprint', () => {
  printed = false;
});

export function isPrinted(): boolean {
  return printed;
}

/** The width of a picture on this screen, or on paper. */
export function roomFor(left: number, most: number): Room {
  return roomOf(widthFor(most), left);
}

/** The width of the page, but at most this. */
export function widthFor(most: number): number {
  return Math.max(300, Math.min(most, pageWidth()));
}

function pageWidth(): number {
  if (printed) return paper.width;
  const page = document.getElementById('page') ?? document.body;
  const { paddingLeft, paddingRight } = getComputedStyle(page);
  return Math.floor(page.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight));
}
