/** The share of one core that looks may use. Among 50,000 other sockets, a look takes ten times as long, and happens a tenth as often. */
const mostOfOneCore = 0.04;
const activeMs = 50;
const idleMs = 250;
const longestMs = 10_000;
/** How long after a change the next one is likely. */
const staysActiveMs = 1000;

/**
 * The pause between two looks: short while something happens, longer when nothing does, and never so short that the looks exceed their
 * share of a core.
 */
export class Pace {
  #cpu = process.cpuUsage();
  #changedAt = Number.NEGATIVE_INFINITY;
  #cost: number | undefined;

  changed(): void {
    this.#changedAt = performance.now();
  }

  /** Call once between two looks. */
  nextPauseMs(): number {
    const spent = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    const cost = (spent.user + spent.system) / 1000;
    // A single look may be slow by chance, so its weight halves each time.
    this.#cost = ((this.#cost ?? cost) + cost) / 2;
    const shortest = performance.now() - this.#changedAt < staysActiveMs ? activeMs : idleMs;
    return Math.min(longestMs, Math.max(shortest, this.#cost / mostOfOneCore));
  }
}
