import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A page of docs/ as a page of the site: what lies outside of docs/ is in the repository, and a comment is not shown. */
export function asSitePage(path: string, text: string, repository: string): string {
  return text
    .replaceAll(/^<!--[\s\S]*?-->\n+/gm, '')
    .replaceAll(/^<details><summary>(.*?)<\/summary>$/gm, '$1:')
    .replaceAll(/^<\/details>\n*/gm, '')
    .replaceAll(/\]\(([^)\s]+)\)/g, (whole, target: string) => {
      if (/^[a-z]+:|^#/.test(target)) return whole;
      const picture = /^recorded\/scenarios\/(.*\.svg)$/.exec(target)?.[1];
      if (picture !== undefined) return `](/recorded/${picture})`;
      const [file = '', anchor] = target.split('#');
      const place = relative('.', join('docs', path, '..', file));
      if (place.startsWith('docs/') || !existsSync(place)) return whole;
      return `](${repository}/blob/main/${place}${anchor === undefined ? '' : `#${anchor}`})`;
    });
}

/** docs/scenarios.md, each of whose headings leads to the page of its scenario. */
export function withScenarioLinks(text: string): string {
  return text.replaceAll(/^### ([\w-]+): (.*)$/gm, '### [$1](./scenarios/$1.md): $2');
}
