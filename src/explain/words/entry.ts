/** One word, as it is written down: its name, what it means, where that is from, and the scenarios that show it. */
export type Entry = readonly [name: string, text: string, source: string, shownBy: readonly string[]];
