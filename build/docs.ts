/**
 * Writes docs/scenarios.md from the scenarios' metadata, docs/truth.md, docs/kernels.md, docs/shutdown.md and docs/servers.md from kept
 * results, docs/tour.md, the pictures and the outputs in README.md from recorded runs, and the diagram of docs/architecture.md from the imports: `npm run docs`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { scenariosPage } from '../src/report/scenarios-page.ts';
import { catalogue, loadEntry } from '../src/scenario/catalogue.ts';
import { writePages } from '../tables/pages.ts';
import { drawn } from './architecture.ts';
import { frontDoor, pictures } from './front-door.ts';
import { kernelsPage, readKernels } from './kernels.ts';
import { tourPage } from './recorded/tour-page.ts';
import { readKept, truthPage } from './truth.ts';

const loaded = await Promise.all(catalogue().map(loadEntry));
writeFileSync('docs/scenarios.md', scenariosPage(loaded));
writeFileSync('docs/kernels.md', kernelsPage(readKernels()));
writeFileSync('docs/truth.md', truthPage(readKept()));
writeFileSync('docs/tour.md', tourPage());
mkdirSync('docs/pictures', { recursive: true });
for (const [file, picture] of Object.entries(pictures())) writeFileSync(file, picture);
writeFileSync('README.md', frontDoor(readFileSync('README.md', 'utf8')));
writePages();
writeFileSync('docs/architecture.md', drawn(readFileSync('docs/architecture.md', 'utf8')));
