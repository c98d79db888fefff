/** Prints the one document of a command that was told --json. */
export function printDocument<Document extends { readonly schemaVersion: 1 }>(document: Document): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
