/** What may remain on a port, in the words of the bind truth table. */
export const remainsNames = [
  'nothing',
  'LISTEN',
  'bound',
  'ESTABLISHED',
  'CLOSE_WAIT',
  'FIN_WAIT1',
  'FIN_WAIT2 held',
  'FIN_WAIT2 orphaned',
  'CLOSING',
  'LAST_ACK',
  'TIME_WAIT',
  'client ESTABLISHED',
  'client TIME_WAIT',
] as const;

export type Remains = (typeof remainsNames)[number];

/** The time limit for the kernel to bring all of them there. */
export const cellPatienceMs = 10_000;
