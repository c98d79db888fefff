/** The environment of a program that may be in /usr/sbin, which is not in every user's path. */
export function withSystemPaths(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...environment, LC_ALL: 'C', PATH: `${environment['PATH'] ?? ''}:/usr/sbin:/sbin` };
}

/**
 * The environment of a program of tcpclose itself. It lacks what would make Node start slowly or differently: extra certificates, which it
 * does not need (reading a bundle of them takes longer than the rest of the start), and options meant for the user's program.
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const {
    NODE_EXTRA_CA_CERTS: _certificates,
    NODE_OPTIONS: _options,
    // Its traces would be mistaken for the last output of the program.
    NODE_DEBUG: _traces,
    ...environment
  } = process.env;
  return environment;
}
