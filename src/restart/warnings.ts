import type { Observation } from './trial.ts';

/** What is not as it should be though the restart may have succeeded, each in a sentence. */
export function warningsOf(seen: Observation): string[] {
  if (seen.second?.result !== 'accepts') return [];
  return [...sharedListener(seen), ...unseenProcess(seen)];
}

function sharedListener({ stillListening, target }: Observation): string[] {
  const [pid] = stillListening;
  if (pid === undefined || 'path' in target) return [];
  return [
    `Process ${pid} of the old server still listens on the same port (SO_REUSEPORT allows it): part of the new connections go to the old program. Stop it, or do not set SO_REUSEPORT.`,
  ];
}

function unseenProcess({ second }: Observation): string[] {
  if (second === null || second.acceptedBy.length > 0) return [];
  return [
    'The process that accepted the client could not be seen: run tcpclose as its user or as root to be sure that it is the new one.',
  ];
}
