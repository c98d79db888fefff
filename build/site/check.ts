import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { globSync } from 'tinyglobby';

/** Each relative link of a folder of HTML that leads nowhere, and each anchor that its page does not have, as a line. */
export function brokenLinks(folder: string): string[] {
  const pages = new Map(
    globSync('**/*.html', { cwd: folder }).map((path) => [path, readFileSync(`${folder}/${path}`, 'utf8')]),
  );
  const anchors = new Map([...pages].map(([path, html]) => [path, anchorsOf(html)]));
  return [...pages].flatMap(([path, html]) =>
    linksOf(html).flatMap((link) => {
      if (/^[a-z][a-z+.-]*:/i.test(link)) return [];
      const [file = '', anchor = ''] = link.split('#');
      const target = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file));
      if (link.startsWith('/') || !existsSync(`${folder}/${target}`))
        return [`${path}: ${link} leads nowhere`];
      const known = anchors.get(target);
      const isThere = anchor === '' || known === undefined || known.has(decodeURIComponent(anchor));
      return isThere ? [] : [`${path}: ${link} has no such anchor`];
    }),
  );
}

function linksOf(html: string): string[] {
  const links = [...html.matchAll(/<(?:a|img|link|script|source)\b[^>]*?\s(?:href|src)="([^"]*)"/g)];
  return [...new Set(links.map(([, link = '']) => link.replaceAll('&amp;', '&')))];
}

function anchorsOf(html: string): Set<string> {
  return new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id = '']) => id));
}
