/** One word: its name, its meaning, the source, and the scenarios that show it. */
export type Entry = readonly [name: string, text: string, source: string, shownBy: readonly string[]];
