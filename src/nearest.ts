/** The word with the fewest edits, if they are few enough for a typing error and leave at least one letter unchanged. */
export function nearestTo(word: string, known: readonly string[]): string | undefined {
  const distances = known.map((candidate) => ({ candidate, edits: editDistance(word, candidate) }));
  const nearest = distances.sort((a, b) => a.edits - b.edits)[0];
  if (nearest === undefined) return undefined;
  const { candidate, edits } = nearest;
  const most = Math.min(Math.max(2, word.length / 3), Math.max(word.length, candidate.length) - 1);
  return edits <= most ? candidate : undefined;
}

// Levenshtein distance, row by row; two transposed letters are one edit.
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      const swapped = i > 0 && j > 0 && letter === b[j - 1] && a[i - 1] === other;
      const edits = Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1);
      next.push(swapped ? Math.min(edits, (before[j - 1] ?? 0) + 1) : edits);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
