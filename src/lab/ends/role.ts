/** The part that a host has in a run. With one host it has both. */
export type Role = 'server' | 'client';
