/** Writes the pages of the tables from what was measured, without measuring: part of `npm run docs`. */
import { kept, readTable, write } from './kept.ts';
import { serversPage } from './servers/page.ts';
import { shutdownPage } from './shutdown/page.ts';

export function writePages(): void {
  const shutdown = readTable('shutdown');
  if (shutdown !== undefined) write(kept.shutdown.page, shutdownPage(shutdown));
  const servers = readTable('servers');
  if (servers !== undefined) write(kept.servers.page, serversPage(servers));
}
