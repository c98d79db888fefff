import type { CatalogueEntry } from '../../src/scenario/catalogue.ts';
import { sitePictures } from '../recorded/pictures.ts';
import { kinds, pathOfKind } from './word-page.ts';

interface Item {
  readonly text: string;
  readonly link: string;
}

/** A segment that arrives nowhere. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 8h9M10 4l5 8M15 4l-5 8" fill="none" stroke="#3a78b5" stroke-width="2"/></svg>';

/** The settings of VitePress, as JSON that the file of settings reads. */
export function configOf(
  base: string,
  guides: readonly Item[],
  commands: readonly string[],
  scenarios: readonly CatalogueEntry[],
  repository: string,
) {
  const topics = [...new Set(scenarios.map(({ topic }) => topic))];
  return {
    base,
    lang: 'en',
    title: 'tcpclose',
    description: 'A laboratory for the end of TCP connections',
    outDir: '../dist-site',
    cacheDir: './cache',
    lastUpdated: false,
    // In the page: no browser asks for a file.
    head: [
      [
        'link',
        { rel: 'icon', type: 'image/svg+xml', href: `data:image/svg+xml,${encodeURIComponent(icon)}` },
      ],
    ],
    vite: { logLevel: 'warn', publicDir: './public' },
    // Text is text: no HTML in it, and no attributes.
    markdown: {
      html: false,
      attrs: { disable: true },
      // The usual colours are too pale on the ground of code, by axe.
      theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    },
    themeConfig: {
      search: { provider: 'local' },
      aside: false,
      socialLinks: [],
      nav: [
        { text: 'My problem is ...', link: '/problems' },
        { text: 'Tour', link: '/tour' },
        { text: 'Commands', link: '/commands/' },
        { text: 'Scenarios', link: '/scenarios' },
        { text: 'Words', link: '/words/states' },
        { text: 'Source', link: repository },
      ],
      sidebar: [
        {
          text: 'Begin',
          items: [
            { text: 'My problem is ...', link: '/problems' },
            { text: 'A tour in ten runs', link: '/tour' },
            { text: 'Why bind failed', link: '/scenarios/server-first' },
          ],
        },
        { text: 'Guides', collapsed: true, items: guides },
        {
          text: 'Commands',
          collapsed: true,
          items: commands.map((name) => ({ text: name, link: `/commands/${name}` })),
        },
        {
          text: 'Scenarios',
          collapsed: true,
          items: topics.map((topic) => ({
            text: topic,
            collapsed: true,
            items: scenarios
              .filter((one) => one.topic === topic)
              .map(({ name }) => ({ text: name, link: `/scenarios/${name}` })),
          })),
        },
        {
          text: 'Words',
          collapsed: true,
          items: kinds.map(([kind, text]) => ({ text, link: `/${pathOfKind(kind)}` })),
        },
      ],
    },
  };
}

/** The file of settings: what cannot be written as JSON is the same for all. */
export const configFile = `import { readFileSync } from 'node:fs';
import { accessible } from './accessible.mjs';

const settings = JSON.parse(readFileSync(new URL('./settings.json', import.meta.url), 'utf8'));
// Vue would take two braces in a text for code of its own.
const config = (md) => {
  md.disable('emoji');
  const { text } = md.renderer.rules;
  md.renderer.rules.text = (...all) => text(...all).replaceAll('{{', '&#123;&#123;');
  // A recorded run is drawn for each width of a window, and leads to the picture alone, in which everything has a title.
  const { image } = md.renderer.rules;
  md.renderer.rules.image = (tokens, at, options, env, self) => {
    const [, name] = /^\\/recorded\\/([\\w-]+)\\.svg$/.exec(tokens[at].attrGet('src')) ?? [];
    const shown = image(tokens, at, options, env, self);
    if (name === undefined) return shown;
    const sources = ${JSON.stringify(sitePictures)}.filter(({ upTo }) => upTo !== null).map(({ suffix, upTo }) =>
      '<source media="(max-width: ' + upTo + 'px)" srcset="/recorded/' + name + suffix + '.svg">').join('');
    return '<a class="recorded" href="/recorded/' + name + '.svg" target="_blank" rel="noreferrer" title="Open the picture alone: it names what you point at"><picture>' + sources + shown + '</picture></a>';
  };
};

export default {
  ...settings,
  markdown: { ...settings.markdown, config },
  vite: { ...settings.vite, plugins: [accessible] },
};
`;
