import { idleClients } from '../../idle/clients.ts';
import { formatSpan } from '../../time.ts';
import type { Entry } from './entry.ts';

/** Proxies and pools, by their names in --client of idle: how long they keep an idle connection. */
export const clients: readonly Entry[] = Object.entries(idleClients).map(
  ([name, { label, idleMs, source, setting }]) => {
    const span =
      idleMs === null
        ? 'has no limit of its own for an idle connection'
        : `keeps an idle connection for ${formatSpan(idleMs)}`;
    return [
      name,
      `${label} ${span}. A server behind it must keep idle connections longer, or else a request may meet a closed connection. To change it: ${setting}. "tcpclose idle <port> --client ${name}" measures the server.`,
      source,
      ['keep-alive-race'],
    ];
  },
);
