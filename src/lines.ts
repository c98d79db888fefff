/** Splits a stream into lines, across chunks. */
export function lineSplitter(onLine: (line: string) => void): (chunk: string) => void {
  // The parts of an unfinished line; joined once, because lines may be long.
  let begun: string[] = [];
  return (chunk) => {
    const [first = '', ...others] = chunk.split('\n');
    begun.push(first);
    for (const next of others) {
      const line = begun.join('');
      begun = [next];
      if (line !== '') onLine(line);
    }
  };
}
