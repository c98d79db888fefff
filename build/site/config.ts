import type { CatalogueEntry } from '../../src/scenario/catalogue.ts';
import { kinds, pathOfKind } from './word-page.ts';

interface Item {
  readonly text: string;
  readonly link: string;
}

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

const settings = JSON.parse(readFileSync(new URL('./settings.json', import.meta.url), 'utf8'));
// Vue would take two braces in a text for code of its own.
const config = (md) => {
  md.disable('emoji');
  const { text } = md.renderer.rules;
  md.renderer.rules.text = (...all) => text(...all).replaceAll('{{', '&#123;&#123;');
};

export default { ...settings, markdown: { ...settings.markdown, config } };
`;
