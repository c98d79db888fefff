/** Builds the site of docs/ in dist-site: `npm run site`. With SITE_BASE=/tcpclose/ its search works below that path. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { globSync } from 'tinyglobby';
import { build } from 'vitepress';
import { svgFile } from '../../src/report/drawing/svg-text.ts';
import { catalogue } from '../../src/scenario/catalogue.ts';
import { commandLine } from '../command-line.ts';
import { firstServer } from '../front-door.ts';
import { keptRuns } from '../recorded/kept.ts';
import { picturesOf, sitePictures } from '../recorded/pictures.ts';
import { brokenLinks } from './check.ts';
import { configFile, configOf } from './config.ts';
import { pages, shownCommands, titleOf } from './pages.ts';
import { relocatable } from './relative.ts';

commandLine('npm run site', {});
const source = '.site';
const target = 'dist-site';
const base = process.env['SITE_BASE'] ?? '/';
const repository =
  (JSON.parse(readFileSync('package.json', 'utf8')) as { homepage: string }).homepage.split('#')[0] ?? '';

for (const folder of [source, target]) rmSync(folder, { recursive: true, force: true });
const all = await pages(repository);
for (const [path, text] of all) {
  mkdirSync(dirname(`${source}/${path}`), { recursive: true });
  writeFileSync(`${source}/${path}`, text);
}
mkdirSync(`${source}/public/recorded`, { recursive: true });
for (const [name, { picture }] of Object.entries(keptRuns()))
  for (const { suffix, svg } of picture ? picturesOf(name) : [])
    writeFileSync(`${source}/public/recorded/${name}${suffix}.svg`, svg);
for (const { suffix, width } of sitePictures)
  writeFileSync(
    `${source}/public/recorded/front${suffix}.svg`,
    svgFile(firstServer(Math.min(width, 640)), 'tcpclose demo server-first'),
  );
cpSync('build/site/vitepress', `${source}/.vitepress`, { recursive: true });
writeFileSync(`${source}/.vitepress/config.mjs`, configFile);
const guides = [...all]
  .filter(([path]) => !path.includes('/') && !['index.md', 'tour.md', 'problems.md'].includes(path))
  .map(([path, text]) => ({ text: titleOf(text), link: `/${path.replace(/\.md$/, '')}` }));
const settings = configOf(
  base,
  guides,
  shownCommands.map(({ name }) => name),
  catalogue(),
  repository,
);
writeFileSync(`${source}/.vitepress/settings.json`, JSON.stringify(settings));
await build(source);

for (const path of globSync('**/*.html', { cwd: target })) {
  const file = `${target}/${path}`;
  writeFileSync(file, relocatable(readFileSync(file, 'utf8'), path, base));
}
const broken = brokenLinks(target);
for (const line of broken) console.error(line);
if (broken.length > 0) process.exitCode = 1;
else console.log(`${all.size} pages in ${target}, and every link leads somewhere`);
