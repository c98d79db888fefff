/** Writes docs/scenarios.md from the scenarios' own metadata: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { scenariosPage } from '../src/report/scenarios-page.ts';
import { catalogue, loadEntry } from '../src/scenario/catalogue.ts';

const loaded = await Promise.all(catalogue().map(loadEntry));
writeFileSync('docs/scenarios.md', scenariosPage(loaded));
