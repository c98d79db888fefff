/**
 * Measures a table of docs again, or some rows of it: `npm run tables -- shutdown [way ...]`, `npm run tables -- servers [server ...]`. With
 * `--differing` those rows get more runs whose runs differ.
 */
import { buildFirst, chosenFrom, commandLine, refuse } from '../build/command-line.ts';
import { serverKinds } from './servers/kinds/kinds.ts';
import { measureDiffering, measureServers } from './servers/run.ts';
import { measureShutdown } from './shutdown/run.ts';
import { wayNames } from './shutdown/ways.ts';

const { values, positionals } = commandLine(
  'npm run tables -- shutdown|servers [row...] [--differing]',
  { differing: { type: 'boolean', default: false } },
  'words',
);
const which = values.differing ? 'differing' : 'all';
const [table = '', ...names] = positionals;

if (table === 'shutdown') {
  const ways = chosenFrom(names, wayNames, 'a way to shut down');
  buildFirst();
  await measureShutdown(ways, which);
} else if (table === 'servers') {
  const servers = chosenFrom(names, Object.keys(serverKinds), 'a server of the table');
  buildFirst();
  await (which === 'all' ? measureServers(servers) : measureDiffering(servers));
} else refuse(`"${table}" is not a table: choose shutdown or servers`);
