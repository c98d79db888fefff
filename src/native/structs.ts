/** The C structures that the functions of libc.ts and socket options use: the types of their fields, in order. */
export const structs = {
  linger: { l_onoff: 'int', l_linger: 'int' },
  rlimit: { rlim_cur: 'uint64', rlim_max: 'uint64' },
  timespec: { tv_sec: 'int64', tv_nsec: 'int64' },
  timeval: { tv_sec: 'int64', tv_usec: 'int64' },
} as const;

export type StructName = keyof typeof structs;

/** A structure as a JavaScript object. */
export type Struct<Name extends StructName> = { [Field in keyof (typeof structs)[Name]]: number };
