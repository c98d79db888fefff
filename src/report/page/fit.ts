import { paper } from './room.ts';

/**
 * A place with a table. If the table is wider, it becomes a list of cards: one for each row, with the title of its column before each cell. It keeps
 * its roles, so that it stays a table for a screen reader.
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

/** Lays all tables out for a sheet before the page is printed, after all that is folded has been opened for it. */
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

/** A picture that is drawn again when the window gets another width, and for paper. */
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
