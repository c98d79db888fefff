declare module 'vitest' {
  interface TaskMeta {
    /** Why it cannot run here. */
    skipped?: string;
  }
}

/** Options of a test or of a group of tests that cannot run for this reason, or can where it is null. The reason is shown at the end. */
export function unless(why: string | null): { skip: boolean; meta: { skipped?: string } } {
  return why === null ? { skip: false, meta: {} } : { skip: true, meta: { skipped: why } };
}
