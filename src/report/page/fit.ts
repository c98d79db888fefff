import { paper } from './room.ts';

/**
 * A place for a table. A table that is wider becomes a list of cards: one for each row, with the title of its column before each cell. It
 * keeps its roles, and so remains a table for a screen reader.
 */
export function fitting(place: HTMLElement): HTMLElement {
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    layOut(place);
  }).observe(place);
  place.classList.add('fitting');
  return place;
}

export function layOut(place: HTMLElement): void {
  place.classList.remove('stacked');
  place.classList.toggle('stacked', place.scrollWidth > place.clientWidth);
}

/** Lays out all tables for a sheet before the page is printed, once everything folded has been opened. */
export function fitToPaper(): void {
  const places = () => document.querySelectorAll<HTMLElement>('.fitting');
  const onPaper = document.documentElement.classList;
  window.addEventListener('beforeprint', () => {
    onPaper.add('paper');
    for (const place of places()) {
      place.style.width = `${paper.width}px`;
      layOut(place);
      place.style.width = '';
    }
  });
  window.addEventListener('afterprint', () => {
    onPaper.remove('paper');
    places().forEach(layOut);
  });
}

/** A picture that is drawn again when the width of the window changes, and for paper. */
export function redrawn(place: HTMLElement, draw: () => SVGElement): HTMLElement {
  let width = window.innerWidth;
  place.append(draw());
  window.addEventListener('resize', () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    place.replaceChildren(draw());
  });
  for (const event of ['beforeprint', 'afterprint'])
    window.addEventListener(event, () => place.replaceChildren(draw()));
  return place;
}
