/** The environment of a program that may be in /usr/sbin, which is not in everybody's path. */
export function withSystemPaths(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...environment, LC_ALL: 'C', PATH: `${environment['PATH'] ?? ''}:/usr/sbin:/sbin` };
}

/**
 * The environment of a program of tcpclose itself: without what makes Node start slowly or differently. That is certificates that it does
 * not need (reading a bundle of them takes longer than the rest of the start), and options meant for the program that the user runs.
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const {
    NODE_EXTRA_CA_CERTS: _certificates,
    NODE_OPTIONS: _options,
    // Its traces would be taken for its last output.
    NODE_DEBUG: _traces,
    ...environment
  } = process.env;
  return environment;
}
