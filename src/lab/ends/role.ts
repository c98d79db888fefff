/** The role of a host in a run. A single host has both. */
export type Role = 'server' | 'client';
