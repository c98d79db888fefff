/** What programs and languages print for EADDRINUSE. */
const inUse = /EADDRINUSE|address (is )?(already )?in use|\b(errno|os error|error:?) ?98\b|\(98[:)]/i;

/** Whether a program reports that its address is in use. */
export function saysInUse(output: string): boolean {
  return inUse.test(output);
}
