/** What a look at this machine found. `limited`: it works, but shows or allows less than it could. */
export interface Found {
  readonly state: 'available' | 'limited' | 'missing';
  /** What was seen: a version, a value, or the reason why not, with the remedy if there is one. */
  readonly detail: string;
}

/** Something that tcpclose uses on this machine. It is tried, or read, each time. */
export interface Check {
  readonly name: string;
  /** What is lost where it is missing or limited. */
  readonly costs: string;
  look(): Promise<Found> | Found;
}

export const available = (detail: string): Found => ({ state: 'available', detail });
export const limited = (detail: string): Found => ({ state: 'limited', detail });
export const missing = (detail: string): Found => ({ state: 'missing', detail });

/** Available if there is no reason why not. */
export function unless(reason: string | null, detail: string): Found {
  return reason === null ? available(detail) : missing(reason);
}
