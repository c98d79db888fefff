/**
 * Measures a table of docs anew, or some rows of it: `npm run tables -- shutdown [way ...]`, `npm run tables -- servers [server ...]`. With
 * `--differing` those rows get more runs whose runs differ.
 */
import { serverKinds } from './servers/kinds/kinds.ts';
import { measureDiffering, measureServers } from './servers/run.ts';
import { measureShutdown } from './shutdown/run.ts';
import { wayNames } from './shutdown/ways.ts';

const words = process.argv.slice(2);
const which = words.includes('--differing') ? 'differing' : 'all';
const [table = '', ...names] = words.filter((word) => word !== '--differing');

if (table === 'shutdown') await measureShutdown(chosen(wayNames), which);
else if (table === 'servers') {
  const servers = chosen(Object.keys(serverKinds));
  await (which === 'all' ? measureServers(servers) : measureDiffering(servers));
} else refuse(`"${table}" is not a table: choose shutdown or servers`);

function chosen<Name extends string>(all: readonly Name[]): readonly Name[] {
  const unknown = names.find((name) => !all.some((known) => known === name));
  if (unknown !== undefined) refuse(`"${unknown}" is not a row of it: choose from ${all.join(', ')}`);
  return names.length === 0 ? all : all.filter((name) => names.includes(name));
}

function refuse(message: string): never {
  console.error(`tables: ${message}`);
  process.exit(2);
}
