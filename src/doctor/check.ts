/** What the doctor found about this machine. `limited`: it works, but shows or allows less than it could. */
export interface Found {
  readonly state: 'available' | 'limited' | 'missing';
  /** What was seen: a version, a value, or the reason why it is missing, with the remedy if there is one. */
  readonly detail: string;
}

/** Something on this machine that tcpclose uses. It is tried or read each time. */
export interface Check {
  readonly name: string;
  /** What is lost if it is missing or limited. */
  readonly costs: string;
  look(signal: AbortSignal): Promise<Found> | Found;
}

export const available = (detail: string): Found => ({ state: 'available', detail });
export const limited = (detail: string): Found => ({ state: 'limited', detail });
export const missing = (detail: string): Found => ({ state: 'missing', detail });

/** Available unless there is a reason why not. */
export function unless(reason: string | null, detail: string): Found {
  return reason === null ? available(detail) : missing(reason);
}
