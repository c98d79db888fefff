/** The output formats of `test` and `restart`, by the names that --reporter takes, in the order of help. */
export const reporterNames = ['text', 'json', 'ndjson', 'tap', 'junit', 'github'] as const;

export type ReporterName = (typeof reporterNames)[number];
