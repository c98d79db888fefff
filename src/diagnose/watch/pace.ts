/** A share of one core. Beside 50,000 other sockets a look takes ten times as long, and happens a tenth as often. */
const mostOfOneCore = 0.04;
const activeMs = 50;
const idleMs = 250;
const longestMs = 10_000;
/** How long after a change the next one is expected soon. */
const staysActiveMs = 1000;

/**
 * How long to pause between two looks: short while something happens, longer when nothing does, and never so short that the
 * looking takes more of a core than it should.
 */
export class Pace {
  #cpu = process.cpuUsage();
  #changedAt = Number.NEGATIVE_INFINITY;
  #cost: number | undefined;

  changed(): void {
    this.#changedAt = performance.now();
  }

  /** To be asked once between two looks. */
  nextPauseMs(): number {
    const spent = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    const cost = (spent.user + spent.system) / 1000;
    // A single look may be slow by chance: each time half of its weight is forgotten.
    this.#cost = ((this.#cost ?? cost) + cost) / 2;
    const shortest = performance.now() - this.#changedAt < staysActiveMs ? activeMs : idleMs;
    return Math.min(longestMs, Math.max(shortest, this.#cost / mostOfOneCore));
  }
}
