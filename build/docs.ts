/**
 * Writes docs/scenarios.md from the scenarios' metadata, docs/truth.md, docs/kernels.md, docs/shutdown.md and docs/servers.md from kept
 * results, the table of docs/ci.md from the commands, docs/tour.md and its pictures, the pictures and the outputs in README.md, docs/overview.md and docs/loss.md from recorded runs, and the diagram of docs/architecture.md from the imports: `npm run docs`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { scenariosPage } from '../src/report/scenarios-page.ts';
import { catalogue, loadEntry } from '../src/scenario/catalogue.ts';
import { writePages } from '../tables/pages.ts';
import { drawn } from './architecture.ts';
import { commandLine } from './command-line.ts';
import { withFormats } from './formats-table.ts';
import { frontDoor, pictures } from './front-door.ts';
import { kernelsPage, readKernels } from './kernels.ts';
import { tourPictures } from './recorded/pictures.ts';
import { tourPage } from './recorded/tour-page.ts';
import { readKept, truthPage } from './truth.ts';

commandLine('npm run docs', {});
const loaded = await Promise.all(catalogue().map(loadEntry));
writeFileSync('docs/scenarios.md', scenariosPage(loaded));
writeFileSync('docs/kernels.md', kernelsPage(readKernels()));
writeFileSync('docs/truth.md', truthPage(readKept()));
writeFileSync('docs/tour.md', tourPage());
mkdirSync('docs/pictures', { recursive: true });
for (const [file, picture] of Object.entries({ ...pictures(), ...tourPictures() }))
  writeFileSync(file, picture);
for (const page of ['README.md', 'docs/overview.md', 'docs/loss.md'])
  writeFileSync(page, frontDoor(readFileSync(page, 'utf8')));
writeFileSync('docs/ci.md', withFormats(readFileSync('docs/ci.md', 'utf8')));
writePages();
writeFileSync('docs/architecture.md', drawn(readFileSync('docs/architecture.md', 'utf8')));
