import { causeOfReload, unchanged } from './reload/cause.ts';
import type { ReloadSeen } from './reload/reload.ts';
import type { Observation, Warning } from './trial.ts';

/** Problems of a successful restart. */
export function warningsOf(seen: Observation): Warning[] {
  if (seen.reload !== undefined)
    return causeOfReload(seen, seen.reload) === null ? reloadUnseen(seen.reload) : [];
  return seen.second?.result === 'accepts' ? [...sharedPort(seen), ...acceptorNotSeen(seen)] : [];
}

function reloadUnseen(reload: ReloadSeen): Warning[] {
  const old = reload.after.processes.find(({ pid }) => !reload.added.includes(pid));
  if (reload.by.kind === 'handover' && old !== undefined) {
    const text = `Process ${old.pid} of the first start still listens on the same port: the kernel gives it a share of the new connections. Stop it, too.`;
    return [{ code: 'shared-port', text }];
  }
  const text = unchanged(reload);
  return text === null ? [] : [{ code: 'reload-not-seen', text }];
}

function sharedPort({ stillListening, target }: Observation): Warning[] {
  const [pid] = stillListening;
  if (pid === undefined || 'path' in target) return [];
  const text = `Process ${pid} of the old server still listens on the same port (SO_REUSEPORT allows it): the kernel gives it a share of the new connections. Stop it, or do not set SO_REUSEPORT.`;
  return [{ code: 'shared-port', text }];
}

function acceptorNotSeen({ second }: Observation): Warning[] {
  if (second === null || (second.acceptor === 'own' && second.acceptedBy.length > 0)) return [];
  const text =
    second.acceptor === 'foreign'
      ? 'The listener belongs to no process below the command (it may be the proxy of a container): whether the new server is behind it is not visible. Give a --request that only the server answers.'
      : 'The process that accepted the client cannot be seen: run tcpclose as its user or as root to see whether it is the new server.';
  return [{ code: 'acceptor-not-seen', text }];
}
