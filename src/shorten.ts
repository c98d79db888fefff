/** A text, truncated to that length with an ellipsis. */
export function shorten(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** A command line whose program has no path: that of an interpreter would leave no room for the name of the script. */
export function withoutFolder(command: string): string {
  return command.replace(/^\/\S*\/(?=[^/\s])/, '');
}

/** Shortens a command line to a number of characters: first its program loses its path, then the line its end. */
export function shortenCommand(command: string, longest: number): string {
  return shorten(command.length > longest ? withoutFolder(command) : command, longest);
}
