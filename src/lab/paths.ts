/** The environment of a program that may lie in /usr/sbin, which is not in everybody's path. */
export function withSystemPaths(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...environment, LC_ALL: 'C', PATH: `${environment['PATH'] ?? ''}:/usr/sbin:/sbin` };
}
